"""As strict about Block Kit as Slack is: what a message, a view or an options answer may hold.

Pure: dictionaries in, faults out. The limits stand as data in `objects.py`, `elements.py` and `layout.py`; what
concerns a whole payload (unique ids, sums of text, one table) stands in `payload.py`.
"""

from sandbox.blocks.payload import check_message, check_options, check_view
from sandbox.blocks.shapes import Fault

__all__ = ["Fault", "check_message", "check_options", "check_view"]
