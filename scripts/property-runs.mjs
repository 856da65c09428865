import fc from 'fast-check'

// Properties that name no number of runs of their own take this one.
fc.configureGlobal({ numRuns: Number(process.env['NEXO_PROPERTY_RUNS']) })
