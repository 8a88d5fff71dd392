import { alike, type Equivalent } from "../Equivalent.ts"

/** Of the tensor language, and of what is said in it. */
export const tensorEquivalents: ReadonlyArray<Equivalent> = [
  {
    file: "src/domain/attention/write.ts",
    source: "steps === 1",
    replacement: "false",
    reason: "One step is the sum of one: the general way gives the same with two more operations."
  },
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
  ...alike("src/domain/tensor/movement.ts", "A remainder by 0 is NaN, which is not 0.", [["count > 0", "count >= 0"]]),
  ...alike("src/domain/tensor/updates.ts", "Only placeholders have names.", [['leaf.op === "placeholder"', "true"]])
]
