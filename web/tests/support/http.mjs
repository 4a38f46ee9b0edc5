// Plain requests to a server of the tests, as no browser changes them.

import { request } from "node:https";

/** What an address answers: status, headers, bytes as they come. */
export function get(address, headers = {}) {
  return new Promise((resolve, reject) => {
    // The certificate is the server's own; browsers of the tests are told to trust it, see `server.mjs`.
    const asked = request(address, { headers, rejectUnauthorized: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });
}
