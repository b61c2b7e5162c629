"""Language models behind one awaitable: a request goes in, a completion comes out."""
