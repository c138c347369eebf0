/** Asks the server; an answer that is no success becomes an error with the server's one line. */

import { parseJson } from "./json.js";

export class ApiError extends Error {
  /**
   * @param {string} message What is wrong and what to do.
   * @param {number} status 0 if the server did not answer.
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** @returns {Promise<any>} */
export function get(path) {
  return ask(path, {});
}

/** @returns {Promise<any>} */
export function post(path, body = {}) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw new ApiError("the server does not answer: is `python -m observatory.web` still running?", 0);
  }
  const answer = await response.text().then(parseJson).catch(() => (response.ok ? undefined : {}));
  if (answer === undefined) throw new ApiError(`the answer to ${path} broke off`, 0);
  if (!response.ok) throw new ApiError(answer.error ?? `${path} answered ${response.status}`, response.status);
  return answer;
}
