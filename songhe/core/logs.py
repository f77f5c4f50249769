"""Log lines as JSON with Chinese left readable and no personal values: one line an event."""

import json
import logging


class JsonFormatter(logging.Formatter):
    """time, level, logger, message and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
