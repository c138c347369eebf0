/**
 * Reads JSON as it was written: JavaScript itself rounds whole numbers of more than fifteen digits, as many ids are.
 * Browsers from before 2025 cannot say how a number was written, and round.
 */

/** To read value by value takes far longer, so only what has such a number is read so. */
const LONG_NUMBER = /(^|[[:,\s])-?\d{16}/;

/**
 * Read JSON; a number that would be rounded becomes an object that `JSON.stringify` writes with the same digits.
 * @param {string} text
 * @returns {any}
 */
export function parseJson(text) {
  return JSON.rawJSON && LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

function keepDigits(_name, value, { source }) {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? JSON.rawJSON(source) : value;
}
