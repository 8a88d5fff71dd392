/**
 * Parameters, gradients and optimiser state are trees: plain nested records whose leaves are all of one kind. The
 * path of a leaf, its names joined by dots, is its name in checkpoints and exports: `generator.rnn.input.weight`.
 * Leaves may be records themselves (tensors are), so every function takes a predicate that tells them. Give the type of
 * a tree as a `type`, not an `interface`: the compiler takes only the former for a record.
 */
export type Tree<Leaf> = Leaf | { readonly [name: string]: Tree<Leaf> }

/** The type of the same tree with every leaf of type `From` replaced by `To`. */
export type MapTree<T, From, To> = T extends From ? To : { readonly [K in keyof T]: MapTree<T[K], From, To> }

type IsLeaf<Leaf> = (value: unknown) => value is Leaf

/** The path of a child: `generator` and `rnn` make `generator.rnn`; the root's path is "". */
export const joinPath = (path: string, name: string): string =>
  path === "" || name === "" ? `${path}${name}` : `${path}.${name}`

/**
 * The tree with `f` applied to every leaf and its path, in the order of the keys.
 * Throws a `TypeError` naming the path of anything that is neither a leaf nor a record of them.
 */
export const mapTree = <Leaf, To, T extends Tree<Leaf>>(
  tree: T,
  isLeaf: IsLeaf<Leaf>,
  f: (leaf: Leaf, path: string) => To
): MapTree<T, Leaf, To> => {
  const visit = (node: unknown, path: string): unknown => {
    if (isLeaf(node)) return f(node, path)
    if (typeof node !== "object" || node === null || Array.isArray(node)) {
      throw new TypeError(`a tree holds leaves and records of them; at "${path}" stands ${String(node)}`)
    }
    return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, visit(child, joinPath(path, name))]))
  }
  // The border between the recursion, which sees one node at a time, and the type of the whole tree.
  return visit(tree, "") as MapTree<T, Leaf, To>
}

/** `mapTree` to leaves of the same kind: the tree's type stays. */
export const mapLeaves = <Leaf, T extends Tree<Leaf>>(
  tree: T,
  isLeaf: IsLeaf<Leaf>,
  f: (leaf: Leaf, path: string) => Leaf
): T =>
  // `MapTree<T, Leaf, Leaf>` is `T`, which the compiler does not see while T is open.
  mapTree<Leaf, Leaf, T>(tree, isLeaf, f) as T

/**
 * The leaves by their path, in the order of the keys. A tree that is a single leaf has the path "".
 * Throws a `TypeError` if two leaves have one path (a name with a dot in it can do that).
 */
export const flattenTree = <Leaf>(tree: Tree<Leaf>, isLeaf: IsLeaf<Leaf>): Readonly<Record<string, Leaf>> => {
  const leaves = new Map<string, Leaf>()
  mapTree(tree, isLeaf, (leaf, path) => {
    if (leaves.has(path)) throw new TypeError(`two leaves of a tree have the path "${path}"`)
    leaves.set(path, leaf)
  })
  return Object.fromEntries(leaves)
}

/** The type of a list of as many `To`: of a tuple where `List` is one. */
export type MapList<List extends ReadonlyArray<unknown>, To> = { readonly [I in keyof List]: To }

/** The list with `f` applied to every item, as long as it was, which its type keeps. */
export const mapList = <const List extends ReadonlyArray<unknown>, To>(
  list: List,
  f: (item: List[number], index: number) => To
): MapList<List, To> =>
  // `map` forgets how many items there are.
  list.map(f) as MapList<List, To>

/** The record with `f` applied to every value and its key, in the order of the keys. */
export const mapRecord = <K extends string, From, To>(
  record: Readonly<Record<K, From>>,
  f: (value: From, key: K) => To
): Readonly<Record<K, To>> =>
  // `Object.entries` and `fromEntries` forget which keys there are.
  Object.fromEntries(Object.entries<From>(record).map(([key, value]) => [key, f(value, key as K)])) as Readonly<
    Record<K, To>
  >
