import * as FileSystem from "effect/FileSystem"

/** An open file of which some operations are others. (Its methods belong to its class: a copy by spreading would lose them.) */
export const openedFile = (file: FileSystem.File, changed: Partial<FileSystem.File>): FileSystem.File => ({
  [FileSystem.FileTypeId]: FileSystem.FileTypeId,
  stat: file.stat,
  sync: file.sync,
  seek: (offset, from) => file.seek(offset, from),
  read: (buffer, options) => file.read(buffer, options),
  readAlloc: (size, options) => file.readAlloc(size, options),
  truncate: (length) => file.truncate(length),
  write: (buffer) => file.write(buffer),
  writeAll: (buffer) => file.writeAll(buffer),
  ...changed
})
