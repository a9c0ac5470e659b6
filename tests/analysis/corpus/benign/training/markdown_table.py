def table(rows, headers):
    widths = [max(len(str(row[i])) for row in [headers, *rows]) for i in range(len(headers))]
    line = "| " + " | ".join("{:<{w}}" for _ in headers) + " |"

    def shown(row):
        cells = [str(cell).ljust(size) for cell, size in zip(row, widths)]
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join("-" * (size + 2) for size in widths) + "|"
    return "\n".join([shown(headers), rule, *map(shown, rows)])
