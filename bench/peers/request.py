"""What each peer is asked for: one JSON object as its only argument."""

import json
import sys

#: `data`, a Parquet file; `model`, a file; `features` and `columns` of the data; `results`, a folder that is
#: not there yet; `threads`, cores that may be used.
REQUEST = json.loads(sys.argv[1])
BATCH_ROWS = 8192
