import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { digestNamed, isChecksumsFile, parseChecksums } from "../../../src/domain/data/checksums.ts"
import { decodeText } from "../../../src/domain/text/decodeText.ts"

const digest = "0123456789abcdef".repeat(4)
const other = "f".repeat(64)
const read = (text: string) => Result.flatMap(decodeText(new TextEncoder().encode(text)), parseChecksums)
const problemOf = (text: string): string => Result.getOrThrow(Result.flip(read(text)))

describe("parseChecksums", () => {
  it("reads the same digests from any system's file", () => {
    const name = fc.constantFrom("train-images-idx3-ubyte", "é.bin", "a b (1).bin")
    const form = fc.constantFrom<(digest: string, name: string) => string>(
      (sum, file) => `${sum}  ${file}`,
      (sum, file) => `${sum} *${file}`,
      (sum, file) => `${sum.toUpperCase()} *.\\${file}`,
      (sum, file) => `${sum}  ./${file}`,
      (sum, file) => `${sum}\t${file}`,
      (sum, file) => `SHA256 (${file}) = ${sum}`,
      (sum, file) => `SHA256(${file})=${sum}`,
      (sum, file) => `SHA2-256(./${file})= ${sum}`
    )
    const names = fc.uniqueArray(fc.tuple(name, form), { selector: ([each]) => each })
    const rewrite = fc.record({
      mark: fc.constantFrom("", "\ufeff"),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      normal: fc.constantFrom("NFC", "NFD")
    })
    fc.assert(
      fc.property(names, rewrite, (lines, { mark, end, normal }) => {
        const text = ["# made by hand", ...lines.map(([file, write]) => write(digest, file)), ""].join(end)
        const expected = new Map(lines.map(([file]) => [file, digest]))
        assert.deepStrictEqual(Result.getOrThrow(read(mark + text.normalize(normal))), expected)
      })
    )
  })

  it("reads names that sha256sum escapes", () => {
    assert.deepStrictEqual([...Result.getOrThrow(read(`\\${digest}  a\\nb\n`)).keys()], ["a\nb"])
    assert.deepStrictEqual([...Result.getOrThrow(read(`\\${digest}  a\\rb\n`)).keys()], ["a\rb"])
    assert.strictEqual(
      problemOf(`\\${digest}  a\\\\b\n`),
      "line 1 names a\\\\b, which is not in this folder: run sha256sum * in it"
    )
  })

  it("passes over lines of spaces", () => {
    assert.strictEqual(Result.getOrThrow(read(`  \t\n${digest}  a\n \n`)).size, 1)
  })

  it.each([
    ["nonsense\n", 'line 1 is not "<64 hexadecimal digits>  <name of a file in this folder>"'],
    [`${digest}\n`, 'line 1 is not "<64 hexadecimal digits>  <name of a file in this folder>"'],
    [`${digest.slice(32)}  a\n`, "line 1 has 32 hexadecimal digits, which is MD5; SHA-256 has 64"],
    [`${"a".repeat(40)}  a\n`, "line 1 has 40 hexadecimal digits, which is SHA-1; SHA-256 has 64"],
    [`${"a".repeat(96)}  a\n`, "line 1 has 96 hexadecimal digits, which is SHA-384; SHA-256 has 64"],
    [`${"a".repeat(128)}  a\n`, "line 1 has 128 hexadecimal digits, which is SHA-512; SHA-256 has 64"],
    [`${digest.slice(1)}  a\n`, "line 1 has 63 hexadecimal digits; SHA-256 has 64"],
    [`${digest}  ..\n`, "line 1 names .., which is not in this folder: run sha256sum * in it"],
    [`see SHA256 (a) = ${digest}\n`, 'line 1 is not "<64 hexadecimal digits>  <name of a file in this folder>"'],
    [`SHA256 (a) = ${digest} or so\n`, 'line 1 is not "<64 hexadecimal digits>  <name of a file in this folder>"'],
    [`${digest}  a\n${digest}  sub/b\n`, "line 2 names sub/b, which is not in this folder: run sha256sum * in it"],
    [`${digest}  ../a\n`, "line 1 names ../a, which is not in this folder: run sha256sum * in it"],
    [`${digest}  C:\\data\\a\n`, "line 1 names C:\\data\\a, which is not in this folder: run sha256sum * in it"],
    [`${digest}  a\n${other}  ./a\n`, "line 2 names a once more"]
  ])("refuses %j", (text, problem) => assert.strictEqual(problemOf(text), problem))
})

it("digestNamed looks for the name itself before others of another letter case", () => {
  const digests = new Map([
    ["a", digest],
    ["A", other],
    ["B", other]
  ])
  assert.strictEqual(digestNamed(digests, "a"), digest)
  assert.strictEqual(digestNamed(digests, "b"), other)
  assert.isUndefined(digestNamed(new Map([...digests, ["ab", digest], ["aB", other]]), "AB"))
})

it("isChecksumsFile knows the usual names", () => {
  for (const name of ["SHA256SUMS", "sha256sums", "sha256sum.txt", "Sha256Sums.TXT"])
    assert.isTrue(isChecksumsFile(name))
  for (const name of ["MD5SUMS", "SHA256SUMS.asc", "sha256sums.png", "my-sha256sums"])
    assert.isFalse(isChecksumsFile(name))
})
