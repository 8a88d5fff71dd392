interface Kind {
  readonly begins: ReadonlyArray<number> | string
  /** From which byte on; 0 if left out. */
  readonly at?: number
  readonly name: string
}

const kinds: ReadonlyArray<Kind> = [
  { begins: [0x1f, 0x8b], name: "compressed by gzip" },
  { begins: "PK\x03\x04", name: "a ZIP archive (as NumPy's .npz files are)" },
  { begins: "BZh", name: "compressed by bzip2" },
  { begins: [0xfd, 0x37, 0x7a, 0x58, 0x5a], name: "compressed by xz" },
  { begins: [0x28, 0xb5, 0x2f, 0xfd], name: "compressed by zstd" },
  { begins: "7z\xbc\xaf", name: "a 7z archive" },
  { begins: "ustar", at: 257, name: "a tar archive" },
  { begins: "\x93NUMPY", name: "a NumPy file" },
  { begins: "\x89PNG", name: "a PNG image" },
  { begins: [0xff, 0xd8, 0xff], name: "a JPEG image" },
  { begins: "\x89HDF", name: "an HDF5 file" },
  { begins: "MATLAB 5.0 MAT-file", name: "a MATLAB file" },
  { begins: "PAR1", name: "a Parquet file" },
  { begins: "SQLite format 3", name: "an SQLite file" },
  { begins: "%PDF-", name: "a PDF file" },
  { begins: "version https://git-lfs", name: "a pointer of Git LFS, not the file itself (git lfs pull fetches it)" },
  { begins: "<!DOCTYPE", name: "a web page: the download went wrong" },
  { begins: "<!doctype", name: "a web page: the download went wrong" },
  { begins: "<html", name: "a web page: the download went wrong" },
  { begins: [0x80, 0x02], name: "a Python pickle" },
  { begins: [0x80, 0x03], name: "a Python pickle" },
  { begins: [0x80, 0x04], name: "a Python pickle" },
  { begins: [0x80, 0x05], name: "a Python pickle" }
]

/** What a file seems to be by its first bytes, in words that go behind "it is"; `undefined` for what is not known. */
export const fileKind = (bytes: Uint8Array): string | undefined =>
  kinds.find(({ begins, at = 0 }) => {
    const expected = typeof begins === "string" ? Array.from(begins, (letter) => letter.charCodeAt(0)) : begins
    return expected.every((byte, i) => bytes[at + i] === byte)
  })?.name
