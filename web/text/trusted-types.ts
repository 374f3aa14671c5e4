/**
 * The page's one Trusted Types policy. With `require-trusted-types-for 'script'` the browser refuses every string that
 * would become HTML or a script's URL unless it comes from here, so its callers are all there is to review: `ansi.ts`
 * and `row.ts` (what `agent/text/drawing` makes of escaped text), and those that start workers (`agent-requests.ts`,
 * `shared-stream.ts`, `leader.ts`, `notifications.ts`), whose URLs are fixed when the page is built.
 */
interface Policy {
  createHTML(html: string): string;
  createScriptURL(url: string): string;
}

const rules: Policy = { createHTML: (html) => html, createScriptURL: (url) => url };

const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;
const policy = factory ? factory.createPolicy('sse-tail', rules) : rules;

/** HTML of a line. Typed as a string: that is what the DOM's types know. */
export function trustedHtml(html: string): string {
  return policy.createHTML(html);
}

export function trustedScriptUrl(url: string): string {
  return policy.createScriptURL(url);
}
