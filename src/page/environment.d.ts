/** V8's; others ignore it. Node's types say so, which pages are compiled without. */
interface ErrorConstructor {
  stackTraceLimit: number
}
