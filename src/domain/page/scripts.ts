/** Code or JSON as it may be in a script element: no text in it ends the element. */
export const inScript = (code: string): string => code.replaceAll(/<(?=\/script|!--|script)/gi, "\\u003c")

/**
 * A script that says in the element `status` what a browser lacks of these: in words that every browser with scripts understands, since what comes behind it
 * would say nothing.
 */
export const whatIsMissing = (needs: ReadonlyArray<"WebAssembly" | "DecompressionStream" | "import maps">): string => `
(function () {
  var tests = {
    "WebAssembly": typeof WebAssembly === "object",
    "DecompressionStream": typeof DecompressionStream === "function",
    "import maps": !!(window.HTMLScriptElement && HTMLScriptElement.supports && HTMLScriptElement.supports("importmap"))
  }
  var missing = ${JSON.stringify(needs)}.filter(function (need) { return !tests[need] })
  if (missing.length === 0) return
  var status = document.getElementById("status")
  status.setAttribute("role", "alert")
  status.textContent = "This browser is too old for this page: it lacks " + missing.join(", ") + "."
})()`
