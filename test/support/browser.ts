import { existsSync } from "node:fs"
import * as Effect from "effect/Effect"
import { chromium, type Page } from "playwright-core"

const places = [process.env["CHROMIUM_PATH"], "/usr/bin/chromium"]
const executablePath = places.find((path) => path !== undefined && existsSync(path))

/** Whether there is no browser here; says so where `what` is then not done. */
export const withoutBrowser = (what: string): boolean => {
  if (executablePath !== undefined) return false
  console.warn(`SKIPPED: ${what}. Install Debian's chromium, or set CHROMIUM_PATH.`)
  return true
}

/** Headless Chromium with further flags, as long as the scope. */
export const openBrowserWith = (flags: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      // Its sandbox does not work for root and in most containers; it opens nothing but our own files.
      chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: ["--no-sandbox", ...flags] })
    ),
    (browser) => Effect.promise(() => browser.close())
  )

/** Headless Chromium, as long as the scope. */
export const openBrowser = openBrowserWith([])

/** Flags by which Chromium has WebGPU without a GPU: Vulkan by SwiftShader, which comes with it. */
export const softwareGpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"]

/** The widths, of a phone in the dark and of a desk in the light, that a page is wider than. */
export const tooWide = async (page: Page): Promise<ReadonlyArray<number>> => {
  const found: Array<number> = []
  for (const [width, colorScheme] of [
    [390, "dark"],
    [1280, "light"]
  ] as const) {
    await page.setViewportSize({ width, height: 844 })
    await page.emulateMedia({ colorScheme })
    if (Number(await page.evaluate("document.documentElement.scrollWidth")) > width) found.push(width)
  }
  return found
}
