namespace Clinic.Visits;

/// <summary>Counts the visits of a browser in its ASP.NET session, which is kept in the cache.</summary>
internal static class VisitEndpoints
{
    private const string Path = "/session";
    private const string Visits = "visits";

    public static void MapVisits(this WebApplication app)
    {
        // Only here: a session is refreshed in Redis at the end of every request that passes the middleware.
        app.UseWhen(static context => context.Request.Path.StartsWithSegments(Path), static branch => branch.UseSession());
        app.MapGet(Path, CountAsync);
    }

    private static async Task<VisitsAnswer> CountAsync(HttpContext context, CancellationToken cancellationToken)
    {
        ISession session = context.Session;
        // Without this the first access would load the session synchronously.
        await session.LoadAsync(cancellationToken);
        int visits = (session.GetInt32(Visits) ?? 0) + 1;
        session.SetInt32(Visits, visits);
        return new VisitsAnswer(visits);
    }
}
