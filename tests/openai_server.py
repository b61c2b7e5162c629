"""A small model behind OpenAI's protocol, as a program: ``openai_server.py KIND`` prints its port and serves.

The model counts: a prompt that ends in the number n goes on with n+1, n+2 ... up to 99. At a decision it says Yes with
0.6, No with 0.3, and cuts "Maybe" into "May" (0.05) and "be". KIND says whose habits it has: ``plain`` (OpenAI's own),
``vllm``, ``mute`` (no log-probabilities, no text prompts). Words in the prompt make it fail; ``/calls`` tells.
"""

import json
import math
import re
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KIND = sys.argv[1]
CALLS: Counter[str] = Counter()
STATE = {"now": 0, "peak": 0, "broken": 0}
LOCK = threading.Lock()
TOP = {"Yes": 0.6, "No": 0.3, "May": 0.05, "Ye": 0.01}
IDS = ["Yes", "No", "May", "be", "<s>", "</s>", "user:", "assistant:"]


def ids(text: str) -> list[int]:
    found = []
    for piece in re.findall("|".join(map(re.escape, IDS)) + "|.", text, re.DOTALL):
        found.append(IDS.index(piece) if piece in IDS else 1000 + ord(piece))
    return found


def text_of(tokens: list[int]) -> str:
    return "".join(IDS[t] if t < 1000 else chr(t - 1000) for t in tokens)


def template(body: dict[str, Any], opens: bool) -> str:
    turns = "".join(f"{m['role']}:{m['content']}</s>\n" for m in body["messages"])
    return turns + ("assistant:" if opens else "")


def counted(prompt: str, most: int) -> list[str]:
    last = re.findall(r"\d+", prompt) or ["0"]
    return [f" {n}" for n in range(int(last[-1]) + 1, 100)][:most]


def next_top(prompt: str) -> dict[str, float]:
    if "Sotluion" in prompt:  # FoVer's own word
        return {"correct": math.log(0.6), "in": math.log(0.3), "incorrect": math.log(0.2)}
    return (
        {"be": math.log(0.9), "n": math.log(0.1)}
        if prompt.endswith("May")
        else {t: math.log(p) for t, p in TOP.items()}
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def send(self, value: object, status: int = 200, **headers: str) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        if self.path == "/calls":
            self.send({**CALLS, **STATE})
        elif self.path == "/version" and KIND == "vllm":
            self.send({"version": "0.32.0"})
        else:
            self.send({"error": {"message": "not here"}}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with LOCK:
            STATE["now"] += 1
            STATE["peak"] = max(STATE["peak"], STATE["now"])
        try:
            self.answer(body)
        except OSError:
            STATE["broken"] += 1
            self.close_connection = True
        finally:
            STATE["now"] -= 1

    def answer(self, body: dict[str, Any]) -> None:
        if KIND == "vllm" and self.path == "/tokenize":
            made = template(body, body["add_generation_prompt"]) if "messages" in body else body["prompt"]
            return self.send({"tokens": ids(("<s>" if body["add_special_tokens"] else "") + made)})
        if KIND == "vllm" and self.path == "/detokenize":
            return self.send({"prompt": text_of(body["tokens"])})
        chat = self.path == "/v1/chat/completions"
        if not chat and (self.path != "/v1/completions" or KIND == "mute"):
            return self.send({"error": {"message": "no such path"}}, 404)
        prompt = template(body, True) if chat else body["prompt"]
        prompt = text_of(prompt) if isinstance(prompt, list) else prompt
        if self.failed(prompt, body):
            return None
        if "logprobs" in body:
            return self.decide(prompt, body, chat)
        return self.generate(prompt, body, chat)

    def failed(self, prompt: str, body: dict[str, Any]) -> bool:
        CALLS[prompt] += 1
        word = next((w for w in prompt.split() if w.isupper()), "")
        times = CALLS[prompt]
        match word:
            case "BUSY" if times < 3:
                self.send({"error": {"message": "slow down"}}, 429, Retry_After="0.05")
            case "ILL" if times < 3:
                self.send(b"<html>bad gateway</html>", 502)
            case "GONE" if times < 3:
                self.connection.close()
                self.close_connection = True
            case "DEAD":
                self.send({"error": {"message": "always"}}, 503)
            case "POOR":
                self.send({"error": {"message": "pay first", "code": "insufficient_quota"}}, 429)
            case "BAD":
                self.send({"error": {"message": "no such parameter"}}, 400)
            case "HTML":
                self.send(b"<html>hello</html>")
            case "SLOW":
                time.sleep(1.0)
                return False
            case "NEW" if "max_tokens" in body:
                self.send({"error": {"message": "use 'max_completion_tokens' instead"}}, 400)
            case _:
                return False
        return True

    def decide(self, prompt: str, body: dict[str, Any], chat: bool) -> None:
        top = next_top(prompt)
        if "allowed_token_ids" in body:
            token = text_of(body["allowed_token_ids"])
            held = {"token_logprobs": [top.get(token, math.log(1e-6))], "top_logprobs": [{}]}
        elif KIND == "mute":
            held = None
        elif chat:
            held = {"content": [{"token": "Yes", "top_logprobs": [{"token": t, "logprob": p} for t, p in top.items()]}]}
        else:
            held = {"top_logprobs": [top], "token_logprobs": [max(top.values())]}
        self.send(
            {"choices": [{"text": "Yes", "finish_reason": "length", "logprobs": held}], "usage": {"prompt_tokens": 7}}
        )

    def generate(self, prompt: str, body: dict[str, Any], chat: bool) -> None:
        if "FILTER" in prompt:
            return self.send({"choices": [{"text": "", "finish_reason": "content_filter"}]})
        if "structured_outputs" in body:
            pieces, reason, met = [" No" if prompt.endswith("break") else "No"], "stop", None
        elif "response_format" in body:
            pieces, reason, met = ['{"score": 24}'], "stop", None
        else:
            pieces = counted(prompt, int(body.get("max_tokens") or body["max_completion_tokens"]))
            reason = "length" if len(pieces) < 99 - int((re.findall(r"\d+", prompt) or ["0"])[-1]) else "stop"
            pieces, reason, met = stopped(pieces, reason, body)
        if body.get("stream"):
            return self.stream(pieces, reason, chat)
        key = {"message": {"content": "".join(pieces)}} if chat else {"text": "".join(pieces)}
        usage = {"prompt_tokens": 7, "completion_tokens": len(pieces), "prompt_tokens_details": {"cached_tokens": 3}}
        self.send({"choices": [{**key, "finish_reason": reason, "stop_reason": met}], "usage": usage})

    def stream(self, pieces: list[str], reason: str, chat: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for i, piece in enumerate(pieces):
            key = {"delta": {"content": piece}} if chat else {"text": piece}
            end = reason if i == len(pieces) - 1 else None
            self.wfile.write(f"data: {json.dumps({'choices': [{**key, 'finish_reason': end}]})}\n\n".encode())
            self.wfile.flush()
            time.sleep(0.002)
        usage = {"prompt_tokens": 7, "completion_tokens": len(pieces)}
        self.wfile.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n".encode())


def stopped(pieces: list[str], reason: str, body: dict[str, Any]) -> tuple[list[str], str, str | None]:
    text = "".join(pieces)
    found = [(text.index(stop), stop) for stop in body.get("stop", ()) if stop in text]
    if found:
        at, stop = min(found)
        end = at + (len(stop) if body.get("include_stop_str_in_output") else 0)
        return [text[:end]], "stop", stop if KIND == "vllm" else None
    return pieces, reason, None


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
