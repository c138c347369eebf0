import os
import time


def lambda_handler(event, _context):
    doubled = event["number"] * 2
    halved = doubled / event.get("by", 4)
    time.sleep(event.get("wait", 0))
    if event.get("stop_here"):
        breakpoint()
    if event.get("leave"):
        os._exit(3)
    return {"halved": halved}
