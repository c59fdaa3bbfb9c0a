"""Mail: its words (``letters`` with ``templates/``) and its way out (``smtp``)."""
