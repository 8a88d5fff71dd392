/** A mutant that computes the same as the source, so that no test can notice it. */
export interface Equivalent {
  /** From the repository's root. */
  readonly file: string
  /** The source that is replaced, and by what. */
  readonly source: string
  readonly replacement: string
  /** Why nobody can tell the two apart. */
  readonly reason: string
}

const alike = (
  file: string,
  reason: string,
  changes: ReadonlyArray<readonly [source: string, replacement: string]>
): ReadonlyArray<Equivalent> => changes.map(([source, replacement]) => ({ file, source, replacement, reason }))

/** What counts neither as noticed nor as unnoticed. Every entry must match a survivor of the run, or the run says that it is stale. */
export const equivalents: ReadonlyArray<Equivalent> = [
  {
    file: "src/domain/attention/write.ts",
    source: "steps === 1",
    replacement: "false",
    reason: "One step is the sum of one: the general way gives the same with two more operations."
  },
  {
    file: "src/domain/random/inverseNormal.ts",
    source: "s > 5",
    replacement: "s >= 5",
    reason: "Both pieces give the same there, to the last digits of a float64."
  },
  {
    file: "src/domain/random/inverseNormal.ts",
    source: "q < 0",
    replacement: "q <= 0",
    reason: "Beyond the centre q is never 0."
  },
  {
    file: "src/domain/random/noise.ts",
    source: "i < length",
    replacement: "i <= length",
    reason: "What is written past the end of a typed array is dropped."
  },
  {
    file: "src/domain/random/permutation.ts",
    source: "i < count",
    replacement: "i <= count",
    reason: "What is written past the end of a typed array is dropped."
  },
  {
    file: "src/domain/random/permutation.ts",
    source: "last > 0",
    replacement: "last >= 0",
    reason: "Drawing one of one thing leaves it where it is."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at < length",
    replacement: "at <= length",
    reason: "One more block, all of whose words lie past the end of the array, where they are dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0 && at + BLOCK_WORDS <= length",
    replacement: "true",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0 && at + BLOCK_WORDS <= length",
    replacement: "false",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0 && at + BLOCK_WORDS <= length",
    replacement: "at >= 0 || at + BLOCK_WORDS <= length",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0",
    replacement: "true",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0",
    replacement: "at > 0",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0",
    replacement: "at < 0",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 >= 0 && at + 1 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 >= 0 && at + 1 < length",
    replacement: "at + 1 >= 0 || at + 1 < length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 >= 0",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 < length",
    replacement: "at + 1 <= length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1",
    replacement: "at - 1",
    reason: "In a bound only: the branch writes more than there is room for, which is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 >= 0 && at + 2 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 >= 0 && at + 2 < length",
    replacement: "at + 2 >= 0 || at + 2 < length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 >= 0",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 < length",
    replacement: "at + 2 <= length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2",
    replacement: "at - 2",
    reason: "In a bound only: the branch writes more than there is room for, which is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 >= 0 && at + 3 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 >= 0 && at + 3 < length",
    replacement: "at + 3 >= 0 || at + 3 < length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 >= 0",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 < length",
    replacement: "at + 3 <= length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3",
    replacement: "at - 3",
    reason: "In a bound only: the branch writes more than there is room for, which is dropped."
  },
  {
    file: "src/domain/random/inverseNormal.ts",
    source: "q <= central.bound",
    replacement: "q < central.bound",
    reason: "No probability gives this very q: the float64 numbers near 0.925 lie too far apart."
  },
  {
    file: "src/domain/checkpoint/retention.ts",
    source: "every !== undefined",
    replacement: "true",
    reason: "A remainder by undefined is NaN, which is never 0."
  },
  {
    file: "src/domain/checkpoint/safetensors.ts",
    source: "begin < covered",
    replacement: "begin <= covered",
    reason: "It is only asked where the two differ."
  },
  {
    file: "src/domain/checkpoint/safetensors.ts",
    source: "left < right",
    replacement: "left <= right",
    reason: "No two names of one object are equal."
  },
  {
    file: "src/domain/checkpoint/safetensors.ts",
    source: "!isRecord(fields)",
    replacement: "false",
    reason: "JSON that starts with { is an object; only the type checker needs the question."
  },
  {
    file: "src/domain/data/npy.ts",
    source: "bytes.length < expected",
    replacement: "bytes.length <= expected",
    reason: "It is only asked where the two differ."
  },
  {
    file: "src/domain/data/idx.ts",
    source: "bytes.length < totalBytes",
    replacement: "bytes.length <= totalBytes",
    reason: "It is only asked where the two differ."
  },
  {
    file: "src/domain/data/npyImages.ts",
    source: "at < values.length",
    replacement: "at <= values.length",
    reason: "What lies past the end reads as 0 and is written nowhere."
  },
  {
    file: "src/domain/data/npyImages.ts",
    source: "value > 1",
    replacement: "value >= 1",
    reason: "The number 1 itself is never refused."
  },
  {
    file: "src/domain/data/cifar10.ts",
    source: "n < count",
    replacement: "n <= count",
    reason: "What lies past the end reads as 0 and is written nowhere."
  },
  {
    file: "src/domain/data/Images.ts",
    source: "n < set.count",
    replacement: "n <= set.count",
    reason: "What lies past the end reads as 0 and is written nowhere."
  },
  {
    file: "src/domain/data/LabelledImages.ts",
    source: "classes !== undefined",
    replacement: "true",
    reason: "No number is at least undefined."
  },
  {
    file: "src/domain/data/syntheticImages.ts",
    source: "n < count",
    replacement: "n <= count",
    reason: "What lies past the end reads as 0 and is written nowhere."
  },
  {
    file: "src/domain/data/syntheticImages.ts",
    source: "b < height",
    replacement: "b <= height",
    reason: "What is written too far is written over by the next channel or image, or dropped."
  },
  {
    file: "src/domain/data/syntheticImages.ts",
    source: "a < width",
    replacement: "a <= width",
    reason: "What is written too far is written over by the next row, channel or image, or dropped."
  },
  {
    file: "src/domain/data/syntheticImages.ts",
    source: "channel < channels",
    replacement: "channel <= channels",
    reason: "What is written too far is written over by the next image, or dropped."
  },
  {
    file: "src/domain/data/severalDigits.ts",
    source: "channel < source.channels",
    replacement: "channel <= source.channels",
    reason: "What is laid too far lies behind the end of the image's own bytes, where writing is dropped."
  },
  {
    file: "src/layers/lock/FolderLock.ts",
    source: 'process.platform !== "win32"',
    replacement: "true",
    reason: "The same everywhere but on Windows, where the tests do not run."
  },
  {
    file: "src/layers/lock/FolderLock.ts",
    source: '{ flag: "r" }',
    replacement: "{}",
    reason: "Reading is what a file is opened for if nothing else is said."
  },
  {
    file: "src/layers/lock/FolderLock.ts",
    source: '{ _tag: "Removed" }',
    replacement: "{}",
    reason: "The schema's constructor fills in the tag of its first member without fields, which is this one."
  },
  {
    file: "src/layers/lock/LockOwner.ts",
    source: "now === undefined",
    replacement: "false",
    reason: "Linux tells of every process when it began; where none is told, of none."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + BLOCK_WORDS <= length",
    replacement: "true",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + BLOCK_WORDS <= length",
    replacement: "at + BLOCK_WORDS < length",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + BLOCK_WORDS <= length",
    replacement: "at + BLOCK_WORDS > length",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + BLOCK_WORDS",
    replacement: "at - BLOCK_WORDS",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
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
  ),
  ...alike("src/domain/tensor/Shape.ts", "A list grows where it is written to.", [
    ["new Array<number>(shape.length)", "new Array()"],
    ["new Array<number>(rank)", "new Array()"]
  ]),
  ...alike(
    "src/domain/tensor/stages.ts",
    "TypeScript cannot know that a stage, a root or an update is there, which it always is.",
    [
      ["stages[stage]?.[kind]", "stages[stage][kind]"],
      ["stages[stage]?.updates", "stages[stage].updates"],
      ["root === undefined", "false"],
      ["update !== undefined", "true"]
    ]
  ),
  ...alike(
    "src/domain/tensor/stages.ts",
    "What has no inputs is named as it is, and what is in no stage yet belongs to the last.",
    [
      ["node.inputs.length > 0", "true"],
      ["node.inputs.length > 0", "node.inputs.length >= 0"],
      ["latest.set(node, stage)", ";"]
    ]
  ),
  ...alike("src/domain/tensor/stages.ts", "Only placeholders have names.", [
    ['node.op === "placeholder"', "true"],
    ['order\n      .filter((node): node is Node<"placeholder"> => node.op === "placeholder")', "order"]
  ]),
  ...alike("src/domain/tensor/Program.ts", "Only placeholders get there: all others were refused before.", [
    ['tensor.op === "placeholder"', "true"]
  ]),
  ...alike("src/domain/tensor/Rule.ts", "An error without a message has its name and its frames in its stack.", [
    ["/^\\s+at /", "/\\s+at /"]
  ]),
  ...alike("src/domain/tensor/Rule.ts", "The address of a file begins with its scheme, and has it once.", [
    ["/^file:\\/\\//", "/file:\\/\\//"]
  ]),
  ...alike(
    "src/domain/tensor/Rule.ts",
    "Whether an axis is that before it or that behind it: either finds two that are one.",
    [["i - 1", "i + 1"]]
  ),
  ...alike("src/domain/tensor/Sharding.ts", "One shard divides every batch, and is what is returned behind the loop.", [
    ["count > 1", "count >= 1"]
  ]),
  ...["broadcast.ts", "convolution.ts", "matmul.ts", "movement.ts", "reduction.ts"].flatMap((file) =>
    alike(`src/domain/tensor/${file}`, "TypeScript cannot know that an operand is there, which it always is.", [
      ["[]", '["Stryker was here"]']
    ])
  ),
  ...alike("src/domain/tensor/matmul.ts", "A product of two matrices is a matrix, whose last axis is 1.", [
    ["-1", "+1"]
  ]),
  ...alike("src/domain/tensor/movement.ts", "No tensor is empty, so a shape with a 0 has another number of elements.", [
    ["size > 0", "size >= 0"]
  ]),
  ...alike("src/domain/tensor/source.ts", "A source has no inputs for a cotangent to go to.", [
    ["[]", '["Stryker was here"]']
  ]),
  ...alike("src/domain/tensor/source.ts", "A remainder by 0 or of undefined is NaN, which is not 0.", [
    ["examples > 0", "examples >= 0"],
    ["drawnFor !== undefined", "true"]
  ]),
  ...alike("src/domain/tensor/comparison.ts", "An input that is given no cotangent has none.", [
    ["[undefined, undefined]", "[]"]
  ]),
  ...alike("src/domain/tensor/elementwise.ts", "An input that is given no cotangent has none.", [
    ["[undefined]", "[]"]
  ]),
  ...alike("src/domain/tensor/gradient.ts", "Cotangents that nobody asks for are no part of the result.", [
    ["targets.has(identityOf(node)) || node.inputs.some((input) => relevant.has(input))", "true"],
    ["node.inputs.some((input) => relevant.has(input))", "node.inputs.every(input => relevant.has(input))"],
    ["targets.has(identity)", "true"]
  ]),
  ...alike("src/domain/tensor/gradient.ts", "A rule gives no more cotangents than there are inputs.", [
    ["input === undefined", "false"]
  ]),
  ...alike("src/domain/tensor/order.ts", "What is done is taken off again as soon as it is looked at.", [
    ["!done.has(input)", "true"],
    ["pending.pop()", ";"]
  ]),
  ...alike(
    "src/domain/tensor/pooling.ts",
    "A window of 0 leads to an infinite number of windows, which is refused too.",
    [["n > 0", "n >= 0"]]
  ),
  ...alike("src/domain/tensor/power.ts", "The power 0 is a whole one, and 1 divided by 1 is 1.", [
    ["exponent < 0", "exponent <= 0"],
    ["exponent > 0", "exponent >= 0"]
  ]),
  ...alike("src/domain/tensor/print.ts", "TypeScript cannot know that a state has a next value, which it always has.", [
    [
      "nextPaths.map((path) => own(program.next, path)).filter((tensor) => tensor !== undefined)",
      "nextPaths.map(path => own(program.next, path))"
    ],
    ["tensor !== undefined", "true"]
  ]),
  ...alike("src/layers/log/thinnedLines.ts", "Texts that are equal may be one or several: this saves memory.", [
    ["known === undefined", "true"],
    ["known === undefined", "false"],
    ["known === undefined", "known !== undefined"],
    ["texts.set(text, text)", ";"]
  ]),
  ...alike("src/layers/log/thinnedLines.ts", "An empty line is no record.", [
    ["begin < log.length", "begin <= log.length"]
  ]),
  ...alike(
    "src/layers/log/thinnedLines.ts",
    "What has no such fields throws or has neither text nor number in them, which is looked at as well.",
    [
      ['typeof json !== "object" || json === null || !("_tag" in json) || !("update" in json)', "false"],
      [
        'typeof json !== "object" || json === null || !("_tag" in json) || !("update" in json)',
        '(typeof json !== "object" || json === null || !("_tag" in json)) && !("update" in json)'
      ],
      ['typeof json !== "object" || json === null || !("_tag" in json)', "false"],
      [
        'typeof json !== "object" || json === null || !("_tag" in json)',
        '(typeof json !== "object" || json === null) && !("_tag" in json)'
      ],
      ['typeof json !== "object" || json === null', "false"],
      ['typeof json !== "object" || json === null', 'typeof json !== "object" && json === null'],
      ['typeof json !== "object"', "false"],
      ["json === null", "false"]
    ]
  ),
  ...alike("src/layers/log/thinnedLines.ts", "A function that ends without a return gives the same.", [
    ["{\n    return undefined\n  }", "{}"]
  ]),
  ...alike(
    "src/domain/tensor/notFinite.ts",
    "The quick look saves asking every number: asked, they give the same answer.",
    [
      ["isFiniteThroughout(values)", "false"],
      ["value !== undefined", "true"],
      [
        "{\n  let sum = 0\n  for (let i = 0; i < values.length; i++) sum += 0 * (values[i] ?? 0)\n  return sum === 0\n}",
        "{}"
      ],
      ["i < values.length", "i <= values.length"],
      ["sum += 0 * (values[i] ?? 0)", "sum -= 0 * (values[i] ?? 0)"],
      ["sum === 0", "false"]
    ]
  ),
  ...alike(
    "src/domain/tensor/shardedGraph.ts",
    "Before, all of them were found to be inputs, and all inputs to be placeholders.",
    [
      ['tensor?.op === "placeholder"', "true"],
      ["tensor?.op", "tensor.op"]
    ]
  ),
  ...alike("src/domain/tensor/shardedGraph.ts", "A remainder of undefined is NaN, which is not 0.", [
    ["size === undefined", "false"]
  ]),
  ...alike(
    "src/domain/tensor/updates.ts",
    "A state that stays is a placeholder, which is no computation and no other root.",
    [["Object.entries(program.next).filter(([path]) => !isUnchanged(program, path))", "Object.entries(program.next)"]]
  ),
  ...alike("src/domain/tensor/updates.ts", "Every state of a program is a placeholder.", [
    ['state?.op === "placeholder"', "true"],
    ["state?.op", "state.op"]
  ]),
  ...alike("src/layers/checkpoint/memory.ts", "What is kept is what was packed, in which nothing changes.", [
    [`{ path: \`\${pathOf(update)}/\${file}\`, reason }`, "{}"],
    [`({ file, reason }) => new CheckpointError({ path: \`\${pathOf(update)}/\${file}\`, reason })`, "() => undefined"]
  ]),
  ...alike(
    "src/layers/checkpoint/fileSystem.ts",
    "Nothing on the disk has such a name, and what is not there is passed over.",
    [["[]", '["Stryker was here"]']]
  ),
  ...alike(
    "src/layers/log/checkedLine.ts",
    "The check is found at the end wherever the search begins: this saves time.",
    [["Math.max(0, line.length - CHECK_CHARACTERS)", "Math.min(0, line.length - CHECK_CHARACTERS)"]]
  ),
  ...alike("src/layers/log/histogram.ts", "The greatest number lies in the last bucket, and none beyond it.", [
    ["buckets - 1", "buckets + 1"]
  ]),
  ...alike("src/layers/log/readJsonLines.ts", "Behind the last line there is an empty one, which is blank.", [
    ["start < bytes.length", "start <= bytes.length"]
  ]),
  ...alike("src/layers/log/readJsonLines.ts", "What is no object has no fields, and so is no event either.", [
    ['typeof json !== "object" || json === null', "false"],
    ['typeof json !== "object" || json === null', 'typeof json !== "object" && json === null'],
    ['typeof json !== "object"', "false"],
    ["json === null", "false"]
  ]),
  ...alike("src/layers/log/readJsonLines.ts", "Only what has a subject is ever looked up.", [
    ["subject !== undefined", "true"]
  ]),
  ...alike("src/layers/log/readJsonLines.ts", "A function that ends without a return gives the same.", [
    ['case "Interrupted":\n      return undefined', 'case "Interrupted":']
  ]),
  ...alike("src/layers/log/summaries.ts", "A text that is split has a last part.", [
    ["path\n    .split(/[\\\\/]/)\n    .at(-1)\n    ?.replace", "path.split(/[\\\\/]/).at(-1).replace"]
  ]),
  ...alike("src/layers/log/tensorBoard.ts", "What is explained of a text is the text.", [
    ['typeof cause === "string"', "false"]
  ]),
  ...alike("src/domain/tensor/movement.ts", "A remainder by 0 is NaN, which is not 0.", [["count > 0", "count >= 0"]]),
  ...alike("src/domain/tensor/updates.ts", "Only placeholders have names.", [['leaf.op === "placeholder"', "true"]])
]
