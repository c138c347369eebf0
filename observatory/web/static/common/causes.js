/** Reads why something failed: functions tell it as JSON, which Step Functions hands on as the text of a cause. */

/**
 * A failure in words.
 * @param {string} error As the API has it: the error's name, and its cause as text or as JSON.
 * @returns {string}
 */
export function explainError(error) {
  const cause = readCause(error);
  if (!cause) return error;
  const whom = cause.name ? ` for ${cause.name}` : "";
  return `${cause.function} raised ${cause.error}${whom}: ${cause.message}`;
}

function readCause(error) {
  try {
    const cause = JSON.parse(error.slice(error.indexOf("{")));
    return cause.function && cause.message ? cause : null;
  } catch {
    return null;
  }
}
