import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseStrictJsonObject } from "../../../src/core/token/strict-json.ts";

const parse = (text: string | Buffer) => parseStrictJsonObject(Buffer.from(text));
const nested = (depth: number) => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;

describe("strict JSON", () => {
  test("what JSON.stringify makes of an object is read as JSON.parse reads it", () => {
    const text = fc
      .dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }))
      .map((value) => JSON.stringify(value))
      .filter((json) => !json.includes("__proto__"));
    fc.assert(
      fc.property(text, (json) => {
        expect(parse(json)).toEqual(JSON.parse(json));
      }),
    );
  });

  test("what it reads, JSON.parse reads alike: it accepts nothing of its own", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('{}[]":,\\ua0\n 1-.eE+tfn')), maxLength: 24 });
    fc.assert(
      fc.property(text, (json) => {
        const value = parse(`{${json}}`);
        expect(value === undefined || isDeepStrictEqual(value, JSON.parse(`{${json}}`))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["white space between all tokens", ' \t\r\n{ "a" \n: [ 1 , 2 ] , "b" : { } } '],
    ["the same name in two objects", '{"a":{"x":1},"b":{"x":2}}'],
    ["the same name in a parent and its child", '{"a":{"a":{"a":1}}}'],
    ["the same name in objects of one list", '[{"a":1},{"a":2}]'.replace(/^/, '{"l":').concat("}")],
    ["a value that equals a name", '{"a":"b","b":"a"}'],
    ["names that differ in case", '{"exp":1,"EXP":2}'],
    ["names that differ in their Unicode form", '{"\u00e9":1,"e\u0301":2}'],
    ["brackets and braces in strings", `{"a":"${"[{".repeat(100)}"}`],
    ["quotes and escapes in strings", String.raw`{"a\"b":"\\","c":"\\\"","a":"}"}`],
    ["a string that looks like a member", String.raw`{"a":"\"a\":1"}`],
    ["a name that only contains __proto__", '{"__proto__x":1,"proto":2}'],
    ["the value __proto__", '{"a":"__proto__"}'],
    ["32 levels", nested(32)],
    ["32 levels, twice", `{"x":${nested(31)},"y":${nested(31)}}`],
    ["members of Object.prototype", '{"constructor":1,"toString":2,"hasOwnProperty":3}'],
  ])("%s: read", (_name, text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ["a member twice", '{"a":1,"a":1}'],
    ["a member twice, far apart", '{"a":1,"b":[{"c":{}}],"d":"x","a":2}'],
    ["a member twice, once escaped", String.raw`{"a":1,"\u0061":2}`],
    ["a member twice, in two cases of the escape", String.raw`{"\u006A":1,"\u006a":2}`],
    ["a member twice, a slash once escaped", String.raw`{"/":1,"\/":2}`],
    ["a member twice, before white space and colon", '{"a" :1,"a"\n\t:2}'],
    ["an empty name twice", '{"":1,"":2}'],
    ["a member twice in a nested object", '{"x":{"a":1,"a":2}}'],
    ["a member twice in an object in a list", '{"x":[[{"a":1,"a":2}]]}'],
    ["a member twice, an object of the same name between", '{"a":{"a":1},"a":2}'],
    ["a lone surrogate twice", String.raw`{"\ud800":1,"\uD800":2}`],
    ["__proto__", '{"__proto__":1}'],
    ["__proto__, escaped", String.raw`{"\u005f_proto__":1}`],
    ["__proto__ in a nested object", '{"a":[{"__proto__":{}}]}'],
    ["33 levels", nested(33)],
    ["33 levels of objects", `${'{"a":'.repeat(33)}1${"}".repeat(33)}`],
    ["100,000 levels", nested(100_000)],
    ["100,000 levels that never close", "[".repeat(100_000)],
    ["a byte order mark", "\uFEFF{}"],
    ["a list", "[]"],
    ["a string", '"a"'],
    ["a number", "1"],
    ["null", "null"],
    ["nothing", ""],
    ["white space alone", " \n"],
    ["something after the object", '{"a":1}x'],
    ["two objects", "{}{}"],
    ["a NUL after the object", "{}\0"],
    ["a trailing comma", '{"a":1,}'],
    ["a comment", '{/**/"a":1}'],
    ["single quotes", "{'a':1}"],
    ["a name without quotes", "{a:1}"],
    ["a number that is infinite once it is read", '{"a":1e400}'],
    ["one in a list in an object", '{"a":[{"b":-1e400}]}'],
    ["NaN", '{"a":NaN}'],
    ["Infinity", '{"a":Infinity}'],
    ["a leading zero", '{"a":01}'],
    ["a hexadecimal number", '{"a":0x10}'],
    ["a control character in a string", '{"a":"\u0001"}'],
    ["a line end in a string", '{"a":"\n"}'],
    ["a string that does not end", '{"a":"'],
    ["an escape that does not end", '{"a":"\\'],
    ["an object that does not end", '{"a":1'],
    ["brackets that cross", '{"a":[}]'],
    ["more closing than opening brackets", "}}{{"],
    ["a no-break space", '{\u00a0"a":1}'],
  ])("%s: refused", (_name, text) => {
    expect(parse(text)).toBeUndefined();
  });

  test.each([
    ["a stray continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate in UTF-8", [0xed, 0xa0, 0x80]],
    ["a character beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["a sequence that is cut", [0xe2, 0x82]],
    ["Latin-1", [0xe9]],
  ])("bytes that are no UTF-8 (%s): refused", (_name, bytes) => {
    expect(parse(Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]))).toBeUndefined();
  });

  test("UTF-16 is refused", () => {
    expect(parse(Buffer.from('{"a":1}', "utf16le"))).toBeUndefined();
  });
});
