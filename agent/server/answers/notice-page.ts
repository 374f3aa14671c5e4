import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

/** A small page of the server's own, for browsers that can't get what they asked for. */
export interface Notice {
  title: string;
  /** Text; nothing in it is markup. */
  sentences: readonly string[];
  /** Ask for a token. */
  form?: 'token';
  /** Continue by itself: to a relative address, or to the same one, once. */
  goesOn?: { to: string } | 'again';
}

/** Whether a request would rather get a page than JSON: a browser that goes somewhere. */
export function wantsPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html';
}

/**
 * A browser that was sent here by another site's page sends no SameSite=Strict cookie, not even after a redirect.
 * When a page of our own continues, it does. By script, because a refresh would lose the line that the address names
 * (`#L42`), and only once, in case a browser sees that differently.
 */
const goOn = `
const link = document.querySelector('a');
if (link) location.replace(link.getAttribute('href') + location.hash);
else if (sessionStorage.getItem('again')) sessionStorage.removeItem('again');
else {
  sessionStorage.setItem('again', '1');
  location.reload();
}
`;

/** A form's own way would lose the rest of the address: which lines are to be shown. */
const keepAddress = `
document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const token = 'token=' + encodeURIComponent(document.querySelector('input').value.trim());
  const others = location.search.slice(1).split('&').filter((pair) => pair && !/^(token|signed-in)=/.test(pair));
  location.replace(location.pathname + '?' + [...others, token].join('&') + location.hash);
});
`;

/** Nothing is loaded, no log text stands here; other than the viewer it may send a form to where it came from. */
const policy = [
  "default-src 'none'",
  `script-src ${[goOn, keepAddress].map((script) => `'sha256-${sha256(script)}'`).join(' ')}`,
  "style-src-attr 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join(';');

export function sendNotice(response: Response, status: number, notice: Notice): void {
  response.status(status);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', policy);
  response.type('html').send(noticePage(notice));
}

function noticePage({ title, sentences, form, goesOn }: Notice): string {
  const paragraphs = sentences.map((sentence) => `<p>${escapeMarkup(sentence)}</p>\n`).join('');
  const link = typeof goesOn === 'object' ? `<p><a href="${escapeMarkup(goesOn.to)}">Continue</a></p>\n` : '';
  const scripts = [...(goesOn === undefined ? [] : [goOn]), ...(form === undefined ? [] : [keepAddress])];
  return `<!doctype html>
<html lang="en" style="color-scheme: light dark">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeMarkup(title)} · sse-tail</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 36em; margin: 15vh auto; padding: 0 1em; overflow-wrap: anywhere">
<h1 style="font-size: 1.4em">${escapeMarkup(title)}</h1>
${paragraphs}${link}${form === undefined ? '' : tokenForm}${scripts.map((script) => `<script>${script}</script>\n`).join('')}</html>
`;
}

const tokenForm =
  '<form><label>Token <input name="token" type="password" autocomplete="off" autofocus required></label> <button>Open</button></form>\n';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
