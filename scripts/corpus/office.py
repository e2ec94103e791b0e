"""LibreOffice opens a workbook and lists its tabs; one JSON line of stdin at a time. Runs under the Python with UNO.

Usage: office.py SOFFICE. Request ``{"book": path}``; answer ``{"tabs": [name, …]}`` or ``{"error": …}``.
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "people"))

from office_program import Office


def main():
    with tempfile.TemporaryDirectory(prefix="corpus-office-") as folder:
        office = Office(sys.argv[1], folder)
        try:
            print(json.dumps({"ready": [office.process.pid]}), flush=True)
            for line in sys.stdin:
                try:
                    office.open(json.loads(line)["book"])
                    try:
                        answer = {"tabs": [sheet.Name for sheet in office.document.Sheets]}
                    finally:
                        office.close()
                except Exception as error:
                    answer = {"error": f"{type(error).__name__} {error}"[:300]}
                    if office.process.poll() is not None:
                        break  # no answer says that the program is gone
                print(json.dumps(answer), flush=True)
        finally:
            office.end()


if __name__ == "__main__":
    main()
