import * as Result from "effect/Result"
import type { SettingsJson } from "./presets.ts"
import { isSettingPath, nearestPaths, settingPaths } from "./settingPaths.ts"
import { type Assignment, withSetting } from "./withSetting.ts"

/**
 * Settings with one changed, as `withSetting` does it, if there is a setting of this path; epochs that are set replace updates (see `changedBy`).
 * Fails in words that go behind a colon.
 */
export const assignSetting = (json: SettingsJson, assignment: Assignment): Result.Result<SettingsJson, string> =>
  Result.flatMap(withSetting(withoutUpdates(json, assignment.path), assignment), (after) => {
    const { path } = assignment
    const paths = settingPaths(after)
    if (isSettingPath(path, paths)) return Result.succeed(after)
    const near = nearestPaths(path, paths)
    const meant = near.length === 0 ? "fovea train --print-settings shows those there are" : `near it ${areOrIs(near)}`
    return Result.fail(`there is no such setting; ${meant}`)
  })

const withoutUpdates = (json: SettingsJson, path: string): SettingsJson =>
  path === "training.epochs"
    ? Result.getOrElse(withSetting(json, { path: "training.updates", value: null }), () => json)
    : json

const areOrIs = (near: ReadonlyArray<string>): string => `${near.length === 1 ? "is" : "are"} ${near.join(", ")}`
