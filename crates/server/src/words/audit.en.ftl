# The report of an audit.

audit-page = Audit of { $day }
audit-lead = A program drew records at random from the public log, looked at each again, and verified the whole log. Nothing on this page is about a single person.
audit-sound = Nothing is wrong
audit-unsound = Something is wrong
audit-findings = Findings
audit-done = What was checked
audit-what = What
audit-times = How often
audit-sample = Records drawn
audit-population = Log entries they were drawn from
audit-erased = People whose erasure the log tells of
audit-limits = What an audit cannot show
audit-limit-gone = Whoever was erased took their records along: the log entry stays and can be proven, what it was about cannot be read by anybody.
audit-limit-closed = Where the charter does not let a person’s data be opened for an audit, only the public entry was checked.
audit-limit-true = An audit shows that what was recorded was decided by these rules; it cannot show that what came in from outside was true.
audit-check = How to check this report
audit-check-how = The report is a signed note; its digest is an entry of the log. The sample can be drawn again by anybody from the log and the seed.
audit-log = Log
audit-root = Root of the log
audit-size = Entries of the log
audit-seed = Seed
audit-given = Number given from outside
audit-retention = Days that raw events and message keys may be kept

# What can be wrong.

audit-does-not-open = A sealed record does not open with its key: its row was altered
audit-leaf-unreadable = A record’s copy of its log entry cannot be read
audit-not-in-log = The log does not hold a record’s entry as it was signed
audit-leaf-differs = The log holds another entry at a record’s place
audit-details-differ = Inputs or outcome are not those the log entry commits to
audit-question-missing = It is not on record what the charter was asked
audit-question-differs = What the charter was asked is not what the log entry is bound to
audit-question-unreadable = What the charter was asked cannot be read by this program
audit-purpose-differs = The charter was asked for another purpose than the log says
audit-verdict-differs = The charter of that time gives another answer
audit-reasons-differ = The charter of that time gives other reasons
audit-answer-impossible = The charter of that time gives this answer to no question
audit-consent-contradicted = A decision rests on a consent that the person had not given by then
audit-charter-missing = A charter that records refer to is not kept
audit-charter-damaged = A charter that is kept was altered
audit-charter-unreadable = A charter of the past cannot be asked by this program
audit-program-missing = A model or dictionary that records refer to is not kept
audit-program-damaged = A model or dictionary that is kept was altered
audit-catalogue-missing = A catalogue that decisions used is not kept
audit-catalogue-damaged = A catalogue that is kept was altered
audit-program-unreadable = A model or catalogue of the past cannot be read by this program
audit-outcome-differs = The same program decides otherwise on the recorded data
audit-log-damaged = The log itself is not what was signed
audit-record-missing = Records are gone though nobody was erased
audit-artefact-damaged = Something that is kept is not what its digest names
audit-event-kept-too-long = Raw events are kept longer than allowed
audit-message-kept-too-long = Message keys are kept longer than allowed
audit-request-late = A request for a right is late
audit-request-answered-late = A request for a right was answered late
audit-request-unreadable = A stored request for a right cannot be read

# What is counted.

audit-opened = Opened and looked at
audit-executed-same = Decisions made again, to the byte
audit-executed-different = Decisions that came out otherwise
audit-executed-impossible = Decisions that could not be made again
audit-permit-asked-again = Permits asked for again, with the facts of that moment
audit-permit-possible = Answers checked against all that the charter can answer
audit-closed = Not opened: the charter does not allow it
audit-gone = Gone with a person who was erased
audit-artefacts = Charters, models and other pieces compared with their digests
audit-requests = Requests for a right whose deadline was checked
