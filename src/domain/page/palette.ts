/** Okabe and Ito's colours for lines, told apart with any colour vision; the palest are left out, for white paper. */
export const palette: ReadonlyArray<string> = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"]
