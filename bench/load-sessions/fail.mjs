/**
 * Ends the program: a load that lost a connection or got a wrong answer measures nothing.
 * @param {string} reason
 * @returns {never}
 */
export function fail(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
