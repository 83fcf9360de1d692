"""Visits an address again and again, and takes its time after an answer that is none: python3 visitor.py http://storefront:8000/"""

import sys
import time
import urllib.request

while True:
    try:
        with urllib.request.urlopen(sys.argv[1], timeout=2):
            time.sleep(0.01)
    except OSError:
        time.sleep(0.1)
