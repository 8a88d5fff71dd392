#!/usr/bin/env node
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { runProcess } from "../layers/process/runProcess.ts"
import { terminalConsole } from "../layers/process/terminalConsole.ts"
import { runFovea } from "./cli/fovea.ts"

// Standard output is for results and for the course of a training.
Effect.updateService(runFovea, Console.Console, terminalConsole).pipe(
  Effect.provide(NodeServices.layer),
  Effect.provideService(References.LogToStderr, true),
  runProcess
)
