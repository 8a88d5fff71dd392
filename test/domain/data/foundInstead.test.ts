import { assert, describe, it } from "@effect/vitest"
import { foundInstead, knownByName } from "../../../src/domain/data/foundInstead.ts"

/** Names as data sets are published under, and what each is said to be. */
const known: ReadonlyArray<readonly [name: string, what: string]> = [
  ["cifar-100-python.tar.gz", "CIFAR-100, still packed; CIFAR-10 is wanted; the binary version"],
  ["cifar100_binary.tgz", "CIFAR-100, still packed"],
  ["CIFAR-100-MATLAB.TAR.GZ", "CIFAR-100, still packed"],
  ["cifar-100-python", "CIFAR-100; CIFAR-10 is wanted"],
  ["fine_label_names.txt", "CIFAR-100;"],
  ["coarse_label_names.txt", "CIFAR-100;"],
  ["cifar-10-python.tar.gz", "CIFAR-10's Python version, still packed; the binary version"],
  ["cifar-10-python (1).tgz", "CIFAR-10's Python version, still packed"],
  ["cifar-10-matlab.tar.gz", "CIFAR-10's MATLAB version, still packed; the binary version"],
  ["cifar-10-matlab (1).tgz", "CIFAR-10's MATLAB version, still packed"],
  ["cifar-10-binary.tar.gz", "CIFAR-10's binary version, still packed; unpack it"],
  ["cifar-10-binary (1).tgz", "CIFAR-10's binary version, still packed"],
  ["data_batch_1", "CIFAR-10's Python version; the binary version"],
  ["test_batch", "CIFAR-10's Python version"],
  ["cifar-10-batches-py", "CIFAR-10's Python version"],
  ["data_batch_5.mat", "CIFAR-10's MATLAB version; the binary version"],
  ["test_batch.mat", "CIFAR-10's MATLAB version"],
  ["cifar-10-batches-mat", "CIFAR-10's MATLAB version"],
  ["data_batch_3.bin", "CIFAR-10's binary files; read them by --dataset cifar10:PATH"],
  ["cifar-10-batches-bin", "CIFAR-10's binary files"],
  ["train-images-idx3-ubyte", "IDX files; read them by --dataset idx:PATH"],
  ["t10k-labels.idx1-ubyte.gz", "IDX files;"],
  ["train-images-idx3-ubyte.zip", "IDX files in a ZIP archive; unpack it"],
  ["t10k-labels-idx1-ubyte (1).zip", "IDX files in a ZIP archive"],
  ["mnist.npz", "an archive of NumPy's"],
  ["train-00000-of-00001.parquet", "Parquet files; write their images as PNG files"],
  ["mnist_train.csv", "a table (CSV); fetch the files themselves"],
  ["training.pt", "another program's files; fetch the files themselves"],
  ["train_32x32.mat", "another program's files"],
  ["pictures.tar", "a packed archive; unpack it"],
  ["pictures.tar.zst", "a packed archive"],
  ["pictures.rar", "a packed archive"],
  ["a.png", "image files; read them by --dataset folder:PATH"],
  ["a.jpg", "image files"],
  ["a.JPEG", "image files"],
  ["a.tif", "image files"],
  ["a.tiff", "image files"]
]

/** What only has such a name within its own. */
const unknown = [
  "my-cifar-100",
  "notes-fine_label_names.txt",
  "fine_label_names.txt.orig",
  "my-cifar-10-batches-py",
  "cifar-10-batches-py.old",
  "my_data_batch_1",
  "data_batch_12",
  "data_batch_6",
  "data_batch_6.bin",
  "my_data_batch_1.bin",
  "data_batch_1.bin.old",
  "my-cifar-10-batches-bin",
  "cifar-10-batches-bin.old",
  "my-cifar-10-batches-mat",
  "cifar-10-batches-mat.old",
  "train-images-idx3-ubyte.txt",
  "train-images-idx2-ubyte",
  "train-images-idx3-ubyte.zip.part",
  "mnist.npz.md5",
  "a.parquet.crc",
  "a.csv.bak",
  "a.pt.txt",
  "a.tar.txt",
  "a.png.txt",
  "README",
  ""
]

describe("what a data set's files seem to be", () => {
  it.each(known)("%s is known by its name", (name, what) => {
    assert.isTrue(knownByName(name)?.startsWith(what), `${knownByName(name)}`)
    assert.isTrue(foundInstead(["README", name])?.startsWith(`it holds ${what.replace(/;.*/, "")}`))
    assert.include(foundInstead(["README", name]), `(${name}); `)
  })

  it.each(unknown)("%j is not", (name) => {
    assert.isUndefined(knownByName(name))
    assert.isUndefined(foundInstead([name]))
  })

  it("is something else where it only has such a name within its own", () => {
    for (const [name, what] of [
      ["my-cifar-100-python.tar.gz", "a packed archive"],
      ["cifar-100-python.tar.gz.zip", "CIFAR-100;"],
      ["my-cifar-10-python.tar.gz", "a packed archive"],
      ["cifar-10-python.tgz.zip", "a packed archive"],
      ["my-cifar-10-matlab.tar.gz", "a packed archive"],
      ["cifar-10-matlab.tgz.zip", "a packed archive"],
      ["my-cifar-10-binary.tar.gz", "a packed archive"],
      ["cifar-10-binary.tgz.zip", "a packed archive"],
      ["my_data_batch_1.mat", "another program's files"],
      ["data_batch_6.mat", "another program's files"],
      ["data_batch_1.mat.zip", "a packed archive"],
      ["train-images-idx2-ubyte.zip", "a packed archive"]
    ] as const) {
      assert.isTrue(knownByName(name)?.startsWith(what), `${name}: ${knownByName(name)}`)
    }
  })

  it("names the most telling file of a folder, whatever comes first", () => {
    assert.strictEqual(
      foundInstead(["a.png", "test_batch", "data_batch_1"]),
      "it holds CIFAR-10's Python version (test_batch); the binary version is wanted: unpack cifar-10-binary.tar.gz and give the folder with data_batch_1.bin"
    )
    assert.isUndefined(foundInstead([]))
  })
})
