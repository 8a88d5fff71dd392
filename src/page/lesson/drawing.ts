/** Steps T and filters N of both players of the digits' GAN. */
export const glimpses = 5
export const filters = 4

/** The plane is shown from -extent to extent in both directions. */
export const extent = 1.6

/** Points of D's field along each axis. */
export const fieldSize = 28
