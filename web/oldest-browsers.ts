/**
 * What the page is built for: browsers of three years ago. Syntax and colors that are younger are rewritten by the
 * build; functions are not, and test/e2e/old-browsers.test.ts looks for those.
 */
export const oldestBrowsers = ['chrome119', 'edge119', 'firefox120', 'safari17'];
