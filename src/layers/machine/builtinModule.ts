interface Builtin {
  readonly "node:crypto": typeof import("node:crypto")
  readonly "node:module": typeof import("node:module")
  readonly "node:os": typeof import("node:os")
}

/**
 * A module of Node's own, where Node is what runs this; `undefined` in a browser. For what lies on the way to where browsers go as well:
 * an import would keep them out.
 */
export const builtinModule = <Id extends keyof Builtin>(id: Id): Builtin[Id] | undefined =>
  // The border to Node: its modules are what their names say.
  "process" in globalThis ? (globalThis.process.getBuiltinModule?.(id) as Builtin[Id] | undefined) : undefined
