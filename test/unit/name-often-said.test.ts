import { describe, expect, it } from 'vitest';
import { nameOftenSaid } from '../../scripts/name-often-said.ts';

describe('what a script says often is named once:', () => {
  it('nothing, a function of Math, the import of a script', () => {
    expect(nameOftenSaid('f(void 0,void 0,void 0,void 0,Math.max(1,2),Math.max(3,4),Math.max(5,6))')).toBe(
      'const $0=void 0,$1=Math.max;f($0,$0,$0,$0,$1(1,2),$1(3,4),$1(5,6))',
    );
    const load = 'import("./later-12345678.js")';
    expect(nameOftenSaid(`a(()=>${load}.then(b)),c(${load})`)).toBe(`const $0=()=>${load};a(()=>$0().then(b)),c($0())`);
  });

  it('a name that is taken is not taken again', () => {
    expect(nameOftenSaid('let $0=[void 0,void 0,void 0,void 0];')).toBe('const $1=void 0;let $0=[$1,$1,$1,$1];');
  });

  it('a long method that is called often, inside of its own arguments and results as well', () => {
    const call = 'a.getBoundingClientRect()';
    expect(nameOftenSaid(`f(${call},b[0].getBoundingClientRect(),(c||d).x.getBoundingClientRect())`)).toBe(
      'const $0=(e,...t)=>e.getBoundingClientRect(...t);f($0(a),$0(b[0]),$0((c||d).x))',
    );
    const select = 'a.querySelector(b.querySelector(c).d,`e`).querySelector(f)';
    expect(nameOftenSaid(`${select},g.querySelector(h)`)).toBe(
      'const $0=(e,...t)=>e.querySelector(...t);$0($0(a,$0(b,c).d,`e`),f),$0(g,h)',
    );
  });

  it('a call that may not happen, or is no plain one, stays', () => {
    const others = [
      'a?.getBoundingClientRect(),a?.b.getBoundingClientRect(),a.getBoundingClientRect?.()',
      '(a?.b).getBoundingClientRect(),a[getBoundingClientRect](),getBoundingClientRect(),a.getBoundingClientRect',
    ].join();
    const named = nameOftenSaid(
      `${others};a.getBoundingClientRect(),a.getBoundingClientRect(),b.getBoundingClientRect()`,
    );
    expect(named).toBe(`const $0=(e,...t)=>e.getBoundingClientRect(...t);${others};$0(a),$0(a),$0(b)`);
  });

  it('a text, but not as a key, of a tag or where a script comes from', () => {
    const others = 'import a from"status";String.raw`status`;export*from"status";b={status:c,"status":d,e:/status/};';
    expect(nameOftenSaid(`${others}h(\`status\`,[\`status\`]),\`status\`in i,void\`status\``)).toBe(
      `const $0=\`status\`;${others}h($0,[$0]),$0 in i,void $0`,
    );
  });

  it('what is said seldom stays', () => {
    expect(nameOftenSaid('f(void 0,Math.max(1,2))')).toBe('f(void 0,Math.max(1,2))');
  });

  it('what only looks like it stays: keys, properties, texts, types', () => {
    const code = [
      'f({document:1},{document},e.document,"document",`document`,/document/,typeof document);',
      'location=document.document;',
    ].join('');
    const said = `${code}document.a,document.b,document.c,document.d;location.e,location.f,location.g,location.h`;
    const named = nameOftenSaid(said);
    expect(named).toBe(
      `const $0=document,$1=location;${code.replace('=document.', '=$0.')}$0.a,$0.b,$0.c,$0.d;$1.e,$1.f,$1.g,$1.h`,
    );
  });
});
