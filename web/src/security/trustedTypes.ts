// The server's policy lets no string become the address of a script. What this app starts goes through here, and this
// lets pass its own files only.

/** As much of the browser's interface as is used here: TypeScript does not know all of it yet. */
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): unknown };
}

const OWN_SCRIPT = /^\/(?:sw\.js|assets\/[\w.-]+\.js)$/;
const rules = { createScriptURL: ownScript };
const factory = (globalThis as unknown as { trustedTypes?: PolicyFactory }).trustedTypes;
const policy = factory?.createPolicy("wardbook", rules) ?? rules;

/** The address of a worker of this app, in the form that the browser asks for. */
export function scriptAddress(address: string): string {
  return policy.createScriptURL(address) as string;
}

function ownScript(address: string): string {
  const url = new URL(address, location.origin);
  // While developing, workers are served from where they are written.
  const own = url.origin === location.origin && (import.meta.env.DEV || OWN_SCRIPT.test(url.pathname));
  if (!own) throw new TypeError("not a script of this app");
  return url.href;
}
