/** The values of a JSON tree by their path (`training.batchSize`, below `path` if one is given), each as JSON text. */
export const jsonLeaves = (json: unknown, path = ""): ReadonlyMap<string, string> =>
  typeof json === "object" && json !== null
    ? new Map(
        Object.entries(json).flatMap(([key, value]) => [...jsonLeaves(value, path === "" ? key : `${path}.${key}`)])
      )
    : new Map([[path, JSON.stringify(json)]])
