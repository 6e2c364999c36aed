/** How often it could not be told whose a connection is. */
export interface LookupGaps {
  /** Flows of which nothing has told whose they are, nor that they are nobody's here: as a rule met in mid-stream. */
  readonly unknown: number;
  /** Flows whose cgroup has no name: as a rule it was gone too soon. */
  readonly unnamed: number;
  /** Flows that have a socket here, but no process that is known. */
  readonly processless: number;
  /** Flows that were forgotten for want of room. */
  readonly forgotten: number;
}

export interface AttributionGaps extends LookupGaps {
  /** Events left out since it was not known whether they were of a wanted process. */
  readonly undecided: number;
}
