namespace Clinic;

/// <summary>The headers of every response.</summary>
internal static class ClinicHeaders
{
    /// <summary>Nothing is kept by the browser, so that every read is answered here, and the page may load from here only.</summary>
    public static void UseClinicHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        return next(context);
    });
}
