/** What esbuild makes of constants, made constants again. */
import { describe, expect, test } from '@jest/globals';

const { withConstants } = (await import('../../tools/constants.js' as string)) as {
  withConstants(code: string): string;
};

describe('a variable of a module', () => {
  test.each([
    ['that keeps its value', 'var a = 1;', 'const a=1;'],
    ['that is a class', 'var A = class {};', 'const A=class{};'],
    ['of a pattern', 'var { a, b: [c] } = x;', 'const{a,b:[c]}=x;'],
    ['whose properties are assigned', 'var a = {}; a.b = 1; a[c]++;', 'const a={};a.b=1;a[c]++;'],
    ['that is exported', 'var a = 1; export { a };', 'const a=1;export{a};'],
  ])('%s is constant', (_, code, expected) => {
    expect(withConstants(code)).toBe(expected);
  });

  test.each([
    ['without one at first', 'var a;'],
    ['assigned', 'var a=1;a=2;'],
    ['assigned in a function', 'var a=1;function f(){a??=2}'],
    ['counted', 'var a=1;a++;'],
    ['assigned by a pattern', 'var a=1;[{b:a}]=x;'],
    ['assigned by the rest of a pattern', 'var a=1;[...a]=x;'],
    ['assigned by a loop', 'var a=1;for(a of x);'],
    ['one of a pattern', 'var{a,b}=x;b=1;'],
  ])('that is %s is not', (_, code) => {
    expect(withConstants(code)).toBe(code);
  });

  test('is looked at by itself where esbuild has joined it with others', () => {
    expect(withConstants('var a = 1, b = 2, c = a; b = 3;')).toBe(
      'const a=1;var b=2;const c=a;b=3;',
    );
  });
});

test('variables of functions and loops stay as they are', () => {
  const code = 'function f(){var a=1;return a}for(var b=1;;){var c=b}';
  expect(withConstants(code)).toBe(code);
});
