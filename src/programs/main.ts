#!/usr/bin/env node
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { runProcess } from "../layers/process/runProcess.ts"
import { runFovea } from "./cli/fovea.ts"

// Standard output is for results and for the course of a training.
runFovea.pipe(Effect.provide(NodeServices.layer), Effect.provideService(References.LogToStderr, true), runProcess)
