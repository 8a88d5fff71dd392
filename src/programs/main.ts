#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { runFovea } from "./cli/fovea.ts"

runFovea.pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
