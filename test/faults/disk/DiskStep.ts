/** One thing that a program does to a disk. Paths are relative to the disk's root; a handle is that of an `open` before it. */
export type DiskStep =
  | { readonly op: "makeDirectory"; readonly path: string }
  | { readonly op: "create"; readonly path: string }
  | { readonly op: "open"; readonly path: string; readonly handle: number }
  | { readonly op: "write"; readonly handle: number; readonly bytes: Uint8Array }
  | { readonly op: "sync"; readonly handle: number }
  | { readonly op: "rename"; readonly from: string; readonly to: string }
  | { readonly op: "remove"; readonly path: string }
