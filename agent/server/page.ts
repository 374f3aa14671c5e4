import type { Request, Response } from 'express';

/** A small page of the server's own, for browsers that can't be given what they asked for. */
export interface Notice {
  title: string;
  /** Text; nothing in it is markup. */
  sentences: readonly string[];
  /** Ask for a token. */
  hasTokenForm?: boolean;
  /** Go on at once, as this server's own page, to a relative address; '' is the same one. */
  goesTo?: string;
}

/** Whether a request would rather get a page than JSON: a browser that goes somewhere. */
export function wantsPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html';
}

/** No script, nothing loaded, no log text; other than the viewer it may send a form to where it came from. */
const policy =
  "default-src 'none'; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export function sendNotice(response: Response, status: number, notice: Notice): void {
  response.status(status);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', policy);
  response.type('html').send(noticePage(notice));
}

function noticePage({ title, sentences, hasTokenForm, goesTo }: Notice): string {
  const refresh =
    goesTo === undefined ? '' : `<meta http-equiv="refresh" content="0${goesTo && `;url=${escapeMarkup(goesTo)}`}">`;
  const form = hasTokenForm
    ? '<form><label>Token <input name="token" type="password" autocomplete="off" autofocus required></label> <button>Open</button></form>'
    : '';
  const paragraphs = sentences.map((sentence) => `<p>${escapeMarkup(sentence)}</p>`).join('\n');
  return `<!doctype html>
<html lang="en" style="color-scheme: light dark">
<meta charset="utf-8">${refresh}
<meta name="viewport" content="width=device-width">
<title>${escapeMarkup(title)} · sse-tail</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 36em; margin: 15vh auto; padding: 0 1em; overflow-wrap: anywhere">
<h1 style="font-size: 1.4em">${escapeMarkup(title)}</h1>
${paragraphs}
${form}
</html>
`;
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
