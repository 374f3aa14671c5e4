import fc from 'fast-check';
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
      'const $0=e=>e.getBoundingClientRect();f($0(a),$0(b[0]),$0((c||d).x))',
    );
    const select = 'a.querySelector(b.querySelector(c).d,`e`).querySelector(f)';
    expect(nameOftenSaid(`${select},g.querySelector(h)`)).toBe(
      'const $0=(e,...t)=>e.querySelector(...t);$0($0(a,$0(b,c).d,`e`),f),$0(g,h)',
    );
  });

  it('a long property, also of what may not be there', () => {
    expect(nameOftenSaid('a.dataset.b=c?.dataset.d,delete e.dataset.f,g().dataset')).toBe(
      'const $0=`dataset`;a[$0].b=c?.[$0].d,delete e[$0].f,g()[$0]',
    );
  });

  it('a method as what takes the arguments that all its calls pass', () => {
    const call = (passed: string) => `a.addEventListener(${passed})`;
    expect(nameOftenSaid([call('b,c'), call('d,e'), call('f,g')].join())).toBe(
      'const $0=(e,t,n)=>e.addEventListener(t,n);$0(a,b,c),$0(a,d,e),$0(a,f,g)',
    );
    expect(nameOftenSaid([call('b,c'), call('...d'), call('f,g,h')].join())).toBe(
      'const $0=(e,...t)=>e.addEventListener(...t);$0(a,b,c),$0(a,...d),$0(a,f,g,h)',
    );
  });

  it('a method of what stands right after a word', () => {
    const returned = '{return[1,2].querySelectorAll(a)}';
    expect(nameOftenSaid(`()=>${returned},()=>${returned},()=>${returned}`)).toBe(
      `const $0=(e,t)=>e.querySelectorAll(t);${Array(3).fill('()=>{return $0([1,2],a)}').join()}`,
    );
  });

  it('a call that what follows it in its chain depends on, not the other way round', () => {
    const call = 'a.getBoundingClientRect()';
    expect(nameOftenSaid(`${call}?.b.c,${call}?.d(),${call}?.e?.f`)).toBe(
      'const $0=e=>e.getBoundingClientRect();$0(a)?.b.c,$0(a)?.d(),$0(a)?.e?.f',
    );
  });

  it('a call that may not happen, or is no plain one, stays', () => {
    const others = [
      'a?.getBoundingClientRect(),a?.b.getBoundingClientRect(),a.getBoundingClientRect?.()',
      '(a?.b).getBoundingClientRect(),a[getBoundingClientRect](),getBoundingClientRect(),a.getBoundingClientRect',
      'a?.b().getBoundingClientRect()?.c,a?.b[0].c.getBoundingClientRect(),a?.getBoundingClientRect()?.b',
    ].join();
    const named = nameOftenSaid(
      `${others};a.getBoundingClientRect(),a.getBoundingClientRect(),b.getBoundingClientRect()`,
    );
    expect(named).toBe(`const $0=e=>e.getBoundingClientRect();${others};$0(a),$0(a),$0(b)`);
  });

  it('a text, but not as a key, of a tag or where a script comes from', () => {
    const others = 'import a from"status";String.raw`status`;export*from"status";b={status:c,"status":d,e:/status/};';
    expect(nameOftenSaid(`${others}h(\`status\`,[\`status\`]),\`status\`in i,void\`status\``)).toBe(
      `const $0=\`status\`;${others}h($0,[$0]),$0 in i,void $0`,
    );
  });

  it('whatever a chain of calls says, it does the same', () => {
    const { calls } = fc.letrec<{ calls: string }>((tie) => ({
      calls: fc.oneof(
        { depthSize: 'large', maxDepth: 5 },
        fc.constantFrom('a', 'b', 'a.b', 'a.dataset', 'b?.textContent'),
        fc
          .tuple(
            tie('calls'),
            fc.constantFrom('.', '.', '.', '?.', '.c?.'),
            fc.constantFrom('filter', 'startsWith', 'toLowerCase', 'querySelector', 'd'),
            fc.array(tie('calls'), { maxLength: 3 }),
          )
          .map(([before, link, method, passed]) => `${before}${link}${method}(${passed.join()})`),
      ),
    }));
    fc.assert(
      fc.property(fc.array(calls, { minLength: 10, maxLength: 40, size: 'max' }), (said) => {
        const code = `return[${said.join()}]`;
        const named = nameOftenSaid(`export default(a,b)=>{${code}}`).replace('export default', 'return');
        expect(saidBy(new Function(named)() as Script)).toEqual(saidBy(new Function('a', 'b', code) as Script));
      }),
      { numRuns: 40 },
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

type Script = (a: unknown, b: unknown) => unknown;

/** Says which methods of what a script calls with which arguments. */
function saidBy(script: Script): readonly string[] {
  const said: string[] = [];
  const thing = (name: string): unknown =>
    new Proxy(() => undefined, {
      get: (_target, key) => (key === Symbol.toPrimitive ? () => name : thing(`${name}.${String(key)}`)),
      apply: (_target, _receiver, passed) => {
        said.push(`${name}(${passed.join()})`);
        return thing(`${name}()`);
      },
    });
  script(thing('a'), thing('b'));
  return said;
}
