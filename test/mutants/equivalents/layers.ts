import { alike, type Equivalent } from "../Equivalent.ts"

/** Of what holds files and folders: locks, logs and checkpoints. */
export const layerEquivalents: ReadonlyArray<Equivalent> = [
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
  ])
]
