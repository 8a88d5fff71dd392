import { alike, type Equivalent } from "../Equivalent.ts"

/** Of how tensors are simplified and computed. */
export const rewritingEquivalents: ReadonlyArray<Equivalent> = [
  ...alike(
    "src/domain/tensor/rewrite/algebra.ts",
    "TypeScript cannot know that a tensor has this, which it always has.",
    [
      ["first === undefined", "false"],
      ["first?.op", "first.op"]
    ]
  ),
  ...alike("src/domain/tensor/rewrite/algebra.ts", "What is not a constant gives NaN, which is not ordinary either.", [
    ["first !== undefined", "true"],
    ["inner !== undefined", "true"],
    ["divisor === undefined", "false"]
  ]),
  ...alike("src/domain/tensor/rewrite/algebra.ts", "A number and its inverse are ordinary together.", [
    ["1 / divisor", "1 * divisor"]
  ]),
  ...alike("src/domain/tensor/rewrite/algebra.ts", "No two axes of a permutation are one, and none is -1.", [
    ["axis > (moved[i - 1] ?? -1)", "axis >= (moved[i - 1] ?? -1)"]
  ]),
  ...alike(
    "src/domain/tensor/rewrite/algebra.ts",
    "Products, and what is transposed to be multiplied, have two axes at least.",
    [["rank >= 2", "true"]]
  ),
  ...alike("src/domain/tensor/rewrite/algebra.ts", "`broadcast` itself makes no node for the same shape.", [
    ["sameShape(node.shape, x.shape)", "false"]
  ]),
  ...alike("src/domain/tensor/rewrite/algebra.ts", "No other primitive has a parameter `axis`.", [
    ['input.op === "concatenate"', "true"]
  ]),
  ...alike("src/domain/tensor/rewrite/algebra.ts", "Nothing follows: a function without a return gives the same.", [
    ["default:\n      return undefined", "default:"]
  ]),
  ...alike(
    "src/domain/tensor/rewrite/sums.ts",
    "A group is never empty, and of one the joined product or sum has the same numbers.",
    [
      ["[]", '["Stryker was here"]'],
      ["steps.length === 1", "false"],
      ["group.length === 1", "false"],
      ["first === undefined", "false"]
    ]
  ),
  ...alike("src/domain/tensor/rewrite/sums.ts", "Products alone can be transposed as they are taken.", [
    ['term.op === "matmul"', "true"]
  ]),
  ...alike(
    "src/domain/tensor/rewrite/sums.ts",
    "Pieces that are padded nowhere are no pieces any more when sums are joined.",
    [["axis === undefined", "false"]]
  ),
  ...alike("src/domain/tensor/rewrite/simplify.ts", "Inputs have numbers before what is made of them.", [["-1", "+1"]]),
  ...alike(
    "src/domain/tensor/rewrite/simplify.ts",
    "Any text tells zeros apart; literals by themselves are quicker to compare.",
    [
      ["-0", "+0"],
      ['node.op === "constant"', "false"]
    ]
  ),
  ...alike(
    "src/domain/tensor/rewrite/constants.ts",
    "Placeholders and noise have no inputs, and literals no parameter `value`.",
    [
      ['tensor.op === "full"', "true"],
      ['node.op === "placeholder" || node.op === "noise"', "false"],
      ['node.op === "placeholder" || node.op === "noise"', 'node.op === "placeholder" && node.op === "noise"'],
      ['node.op === "placeholder"', "false"],
      ['node.op === "noise"', "false"],
      ["[]", '["Stryker was here"]']
    ]
  ),
  ...alike(
    "src/domain/tensor/rewrite/plainProducts.ts",
    "What is no product has nothing transposed, and a product made again is the same.",
    [
      ['node.op !== "matmul"', "false"],
      ["!transposeA && !transposeB", "false"]
    ]
  ),
  ...alike(
    "src/domain/tensor/evaluate/kernels.ts",
    "TypeScript cannot know that an operand is there, which it always is.",
    [
      ["[]", '["Stryker was here"]'],
      ["node.inputs[0]?.shape", "node.inputs[0].shape"],
      ["node.inputs[1]?.shape", "node.inputs[1].shape"],
      ["a?.[i]", "a[i]"],
      ["b?.[i]", "b[i]"]
    ]
  ),
  ...alike("src/domain/tensor/evaluate/kernels.ts", "Both formulas give one half at zero.", [["x >= 0", "x > 0"]]),
  ...alike("src/domain/tensor/evaluate/kernels.ts", "Behind the last row there is an empty one.", [
    ["start < result.length", "start <= result.length"]
  ]),
  ...alike(
    "src/domain/tensor/evaluate/convolution.ts",
    "What lies past the end is dropped, and a loop over nothing does nothing.",
    [
      ["b < batch", "b <= batch"],
      ["o < outputs", "o <= outputs"],
      ["count > 0", "true"],
      ["count > 0", "count >= 0"]
    ]
  ),
  ...alike("src/domain/tensor/evaluate/matmul.ts", "What is written past the end of a typed array is dropped.", [
    ["m < startsA.length", "m <= startsA.length"]
  ]),
  ...alike(
    "src/domain/tensor/evaluate/indexing.ts",
    "Axes that an operand lacks have no stride; what lies past the end is 0 or dropped.",
    [
      ["axis < added", "false"],
      ["new Array<number>(rank)", "new Array()"],
      ["i < offsets.length", "i <= offsets.length"],
      ["rank - 1", "rank + 1"]
    ]
  )
]
