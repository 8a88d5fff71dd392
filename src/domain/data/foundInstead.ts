interface Kind {
  readonly of: RegExp
  readonly name: string
  /** What to do with it, behind a colon. */
  readonly way: string
}

const BINARY = "the binary version is wanted: unpack cifar-10-binary.tar.gz and give the folder with data_batch_1.bin"
const unpack = "unpack it, and give the folder that comes out"

/** What data sets are published as, and what they are mistaken for, by the names of files and folders. The first that fits counts. */
const kinds: ReadonlyArray<Kind> = [
  { of: /^cifar-?100[-_].*\.(tar\.gz|tgz)$/i, name: "CIFAR-100, still packed", way: `CIFAR-10 is wanted; ${BINARY}` },
  { of: /^cifar-100|^(fine|coarse)_label_names\.txt$/i, name: "CIFAR-100", way: `CIFAR-10 is wanted; ${BINARY}` },
  { of: /^cifar-10-python.*\.(tar\.gz|tgz)$/i, name: "CIFAR-10's Python version, still packed", way: BINARY },
  { of: /^cifar-10-matlab.*\.(tar\.gz|tgz)$/i, name: "CIFAR-10's MATLAB version, still packed", way: BINARY },
  { of: /^cifar-10-binary.*\.(tar\.gz|tgz)$/i, name: "CIFAR-10's binary version, still packed", way: unpack },
  { of: /^(data_batch_[1-5]|test_batch)$|^cifar-10-batches-py$/i, name: "CIFAR-10's Python version", way: BINARY },
  {
    of: /^(data_batch_[1-5]|test_batch)\.mat$|^cifar-10-batches-mat$/i,
    name: "CIFAR-10's MATLAB version",
    way: BINARY
  },
  {
    of: /^data_batch_[1-5]\.bin$|^cifar-10-batches-bin$/i,
    name: "CIFAR-10's binary files",
    way: "read them by --dataset cifar10:PATH"
  },
  {
    of: /idx[13]-ubyte(\.gz)?$/i,
    name: "IDX files",
    way: "read them by --dataset idx:PATH, under the names of MNIST's"
  },
  { of: /idx[13]-ubyte.*\.zip$/i, name: "IDX files in a ZIP archive", way: unpack },
  { of: /\.npz$/i, name: "an archive of NumPy's (such as Keras's mnist.npz)", way: "fetch the files themselves" },
  { of: /\.parquet$/i, name: "Parquet files", way: "write their images as PNG files, for --dataset folder:PATH" },
  {
    of: /\.csv$/i,
    name: "a table (CSV)",
    way: "fetch the files themselves, or write its images as PNG files, for --dataset folder:PATH"
  },
  { of: /\.(pt|pth|pkl|pickle|mat|h5|hdf5)$/i, name: "another program's files", way: "fetch the files themselves" },
  { of: /\.(tar|tgz|tar\.(gz|bz2|xz|zst)|zip|7z|rar)$/i, name: "a packed archive", way: unpack },
  { of: /\.(png|jpe?g|webp|gif|tiff?|bmp)$/i, name: "image files", way: "read them by --dataset folder:PATH" }
]

/** What a file or folder of this name seems to be, and what to do with it, in words that go behind "it is"; or `undefined`. */
export const knownByName = (name: string): string | undefined => {
  const kind = kinds.find(({ of }) => of.test(name))
  return kind && `${kind.name}; ${kind.way}`
}

/** What a folder holds instead of the files that are wanted, in a clause; or `undefined` where nothing in it is known. */
export const foundInstead = (names: ReadonlyArray<string>): string | undefined => {
  for (const { of, name, way } of kinds) {
    const found = names.find((each) => of.test(each))
    if (found !== undefined) return `it holds ${name} (${found}); ${way}`
  }
  return undefined
}
